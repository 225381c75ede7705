using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ntm.ServiceDefaults;

/// <summary>Every "no" is a problem of RFC 9457, in the language of the caller; no stack trace is ever shown.</summary>
public static partial class Problems
{
    private const string TypeBase = "https://ntm-hub.vn/problems/";

    /// <summary>Writes the refusal as <c>application/problem+json</c>.</summary>
    public static IResult Of(Refusal refusal) => new ProblemResult(refusal);

    /// <summary>Writes the refusal, which counts here, whoever says it.</summary>
    public static Task WriteAsync(HttpContext http, Refusal refusal)
    {
        http.RequestServices.GetRequiredService<HouseMetrics>().Refused(http, refusal);
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["type"] = TypeBase + refusal.Rule,
            ["title"] = TitleOf(refusal.Status).For(http),
            ["status"] = refusal.Status,
            ["detail"] = refusal.Detail.For(http),
            ["instance"] = http.Request.Path.Value,
            ["traceId"] = Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier,
        };
        if (refusal.Errors is { } errors)
            body["errors"] = errors.ToDictionary(e => e.Key, e => e.Value.Select(t => t.For(http)).ToArray(), StringComparer.Ordinal);
        if (refusal.LegalBasis is { } basis) body["legalBasis"] = basis;
        foreach (var (name, value) in refusal.More ?? new Dictionary<string, object?>(StringComparer.Ordinal)) body[name] = value;

        http.Response.StatusCode = refusal.Status;
        return http.Response.WriteAsJsonAsync(body, NtmJson.Http, "application/problem+json", http.RequestAborted);
    }

    /// <summary>The refusal for a bare status code, e.g. of routing or authentication.</summary>
    public static Refusal OfStatus(int status) => new(status, RuleOf(status), DetailOf(status));

    internal static void AddProblems(this IServiceCollection services) => services.AddExceptionHandler<ExceptionToProblem>().AddProblemDetails();

    internal static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, OfStatus(context.HttpContext.Response.StatusCode)));
    }

    private static Text TitleOf(int status) => status switch
    {
        400 => new("Yêu cầu không đọc được", "Bad request"),
        401 => new("Chưa xác thực", "Unauthorized"),
        403 => new("Không có quyền", "Forbidden"),
        404 => new("Không tìm thấy", "Not found"),
        405 => new("Phương thức không được hỗ trợ", "Method not allowed"),
        410 => new("Không còn nữa", "Gone"),
        413 => new("Nội dung quá lớn", "Content too large"),
        415 => new("Kiểu nội dung không được hỗ trợ", "Unsupported media type"),
        409 => new("Trạng thái không cho phép", "Conflict"),
        412 => new("Phiên bản đã cũ", "Precondition failed"),
        422 => new("Dữ liệu không hợp lệ", "Unprocessable content"),
        429 => new("Quá nhiều yêu cầu", "Too many requests"),
        503 => new("Tạm thời không phục vụ được", "Service unavailable"),
        500 => new("Lỗi hệ thống", "Internal error"),
        _ => new(ReasonPhrases.GetReasonPhrase(status), ReasonPhrases.GetReasonPhrase(status)),
    };

    private static Text DetailOf(int status) => status switch
    {
        401 => new("Cần mã truy cập (token) hợp lệ.", "A valid access token is needed."),
        403 => new("Tài khoản không có quyền thực hiện việc này.", "The caller lacks the right for this."),
        404 => new("Không có địa chỉ hoặc đối tượng này.", "No such address or thing."),
        405 => new("Phương thức không được hỗ trợ ở địa chỉ này.", "The method is not supported here."),
        413 => new("Nội dung gửi lên lớn quá mức cho phép.", "The body is larger than allowed."),
        415 => new("Nội dung phải là application/json.", "The body must be application/json."),
        503 => new("Kho dữ liệu tạm thời không phục vụ được; xin thử lại.", "The store is not available for the moment; try again."),
        500 => new("Đã xảy ra lỗi ngoài dự kiến; mã truy vết ở trường traceId.", "An unexpected error occurred; the traceId names it."),
        _ => TitleOf(status),
    };

    private static string RuleOf(int status) => status switch
    {
        400 => "malformed-request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        413 => "content-too-large",
        415 => "unsupported-media-type",
        412 => "stale-version",
        503 => "unavailable",
        500 => "internal-error",
        _ => status.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A refusal is logged with who was refused, never with what was sent.</summary>
    private sealed partial class ProblemResult(Refusal refusal) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => refusal.Status;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var log = httpContext.RequestServices.GetRequiredService<ILogger<ProblemResult>>();
            Refused(log, httpContext.Request.Method, httpContext.Request.Path, refusal.Status, refusal.Rule, Actor.Of(httpContext)?.Client ?? "-");
            return WriteAsync(httpContext, refusal);
        }

        [LoggerMessage(LogLevel.Information, "{Method} {Path} refused: {Status} {Rule} for {Client}")]
        private static partial void Refused(ILogger log, string method, string path, int status, string rule, string client);
    }

    private sealed partial class ExceptionToProblem(ILogger<ExceptionToProblem> log) : IExceptionHandler
    {
        private const string RetryAfterSeconds = "5";

        private static readonly Refusal StorageFull = new(503, "storage-full", new(
            "Kho dữ liệu đã hết chỗ: chỉ đọc được; xin gửi lại sau với cùng Idempotency-Key.",
            "The store's disk is full: it can only be read; send again later with the same Idempotency-Key."));

        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            var refusal = exception switch
            {
                _ when StoreAway.IsFull(exception) => StorageFull,
                BadHttpRequestException { InnerException: JsonException json } => MalformedJson(json),
                BadHttpRequestException { StatusCode: 400 } bad => Malformed(bad.Message),
                // A form that cannot be read, e.g. with U+0000 in a value.
                InvalidDataException => Malformed(""),
                BadHttpRequestException bad => OfStatus(bad.StatusCode),
                _ when StoreAway.Is(exception) => OfStatus(503),
                OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => OfStatus(499),
                _ => OfStatus(500),
            };
            if (refusal.Status >= 500) Unexpected(httpContext.Request.Method, httpContext.Request.Path, exception);
            if (refusal.Status == 503) httpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
            await WriteAsync(httpContext, refusal);
            return true;
        }

        /// <summary>The framework names the parameter in its message only; a body that is missing is named as such.</summary>
        private static Refusal Malformed(string message)
        {
            if (Parameter().Match(message) is { Success: true } parameter)
                return Refusal.Malformed(parameter.Groups[1].Value, "malformed-query", $"Tham số \"{parameter.Groups[1].Value}\" không đọc được.", $"The parameter \"{parameter.Groups[1].Value}\" cannot be read.");
            return Refusal.Malformed("body", "malformed-body", "Thiếu nội dung JSON, hoặc nội dung không đọc được.", "The JSON body is missing or cannot be read.");
        }

        private static Refusal MalformedJson(JsonException json)
        {
            var field = json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";
            // Duplicate properties are reported with the name in the message only.
            if (field == "body" && QuotedName().Match(json.Message) is { Success: true } named && json.Message.Contains("uplicate", StringComparison.Ordinal))
                field = named.Groups[1].Value;
            return Refusal.Malformed(field, "malformed-body", $"Trường \"{field}\" không đọc được.", $"The field \"{field}\" cannot be read.");
        }

        [GeneratedRegex("Failed to bind parameter \"[^ ]+ ([A-Za-z0-9]+)\"", RegexOptions.CultureInvariant, 1000)]
        private static partial Regex Parameter();

        [GeneratedRegex("'([A-Za-z0-9]+)'", RegexOptions.CultureInvariant, 1000)]
        private static partial Regex QuotedName();

        [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
        private partial void Unexpected(string method, string path, Exception exception);
    }
}
