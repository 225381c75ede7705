using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Ntm.ServiceDefaults;

/// <summary>Tokens are checked in the gateway and again in each service; a checked token is remembered until it ends.</summary>
public static class Auth
{
    public const string Audience = "ntm-hub";

    /// <summary>
    /// Bearer tokens of the issuer <c>Ntm:Auth:Issuer</c>. Its keys are read at the first request, so no service waits for the gateway.
    /// </summary>
    public static void AddNtmAuthentication(this IHostApplicationBuilder builder, Action<JwtBearerOptions>? configure = null)
    {
        var configuration = builder.Configuration;
        var authority = configuration["Ntm:Auth:Authority"];
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.RequireHttpsMetadata = authority is not null;
            if (authority is not null) options.Authority = authority;
            else options.MetadataAddress = $"{configuration["services:gateway:http:0"]?.TrimEnd('/')}/.well-known/openid-configuration";
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAudience = Audience,
                ValidIssuer = authority ?? configuration["Ntm:Auth:Issuer"] ?? "http://127.0.0.1:8080/",
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                ClockSkew = TimeSpan.FromSeconds(30),
            };
            configure?.Invoke(options);
        });
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton<CheckedTokens>();
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<CheckedTokens, TimeProvider>((options, tokens, clock) =>
        {
            options.TimeProvider = clock;
            options.Events = new JwtBearerEvents { OnTokenValidated = tokens.Remember };
        });
    }

    /// <summary>A token that was checked before passes without asking any scheme again; the gateway's issuer is one that wants to see each request.</summary>
    public static void UseNtmAuthentication(this WebApplication app)
    {
        var tokens = app.Services.GetRequiredService<CheckedTokens>();
        app.UseWhen(http => !tokens.Recall(http), branch => branch.UseAuthentication());
        // Otherwise the host, which does not look into branches, puts authentication before everything.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
    }
}

/// <summary>Tokens whose signature was checked, by the hash of the header; bounded, each until its own end.</summary>
internal sealed class CheckedTokens(TimeProvider clock)
{
    private const int Capacity = 10_000;
    private readonly ConcurrentDictionary<string, (ClaimsPrincipal Principal, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    /// <summary>Whether the request's token is known, and if so, whose it is.</summary>
    public bool Recall(HttpContext http)
    {
        if (http.Request.Headers.Authorization is not [{ } header] || !known.TryGetValue(KeyOf(header), out var entry) || entry.Until <= clock.GetUtcNow()) return false;
        http.User = entry.Principal;
        return true;
    }

    public Task Remember(TokenValidatedContext context)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || context.Principal is not { } principal) return Task.CompletedTask;
        if (known.Count >= Capacity) known.Clear();
        known[KeyOf(header)] = (principal, new DateTimeOffset(context.SecurityToken.ValidTo, TimeSpan.Zero));
        return Task.CompletedTask;
    }

    private static string KeyOf(string header) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(header)));
}
