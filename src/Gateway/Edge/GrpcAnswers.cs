using System.Globalization;
using Ntm.ServiceDefaults;

namespace Ntm.Gateway.Edge;

/// <summary>What the gateway itself has to say to a gRPC caller, who reads a status in headers and no problem body.</summary>
internal static class GrpcAnswers
{
    public const int ResourceExhausted = 8;
    public const int DeadlineExceeded = 4;
    public const int Unavailable = 14;

    public static bool IsCall(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>Answers "trailers only": HTTP 200 with the status in the headers.</summary>
    public static void Refuse(HttpResponse response, int status, string message)
    {
        var code = status.ToString(CultureInfo.InvariantCulture);
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = code;
        response.Headers["grpc-message"] = message;
        response.HttpContext.RequestServices.GetRequiredService<HouseMetrics>().CallRefused(response.HttpContext, code);
    }
}
