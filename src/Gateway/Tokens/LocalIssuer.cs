using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Ntm.ServiceDefaults;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Ntm.Gateway.Tokens;

/// <summary>
/// The token endpoint of the local profile: client credentials against the one local secret. It exists only in Development
/// and without an external authority; otherwise its paths answer 404 like any unknown path.
/// </summary>
internal static class LocalIssuer
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public static WebApplicationBuilder AddLocalIssuer(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection("Ntm:Auth");
        if (!builder.Environment.IsDevelopment() || !string.IsNullOrEmpty(settings["Authority"])) return builder;

        var issuer = new Uri(settings["Issuer"] ?? "http://127.0.0.1:8080/");
        var secret = SHA256.HashData(Encoding.UTF8.GetBytes(Required(settings, "LocalClientSecret")));
        var key = SigningKey.LoadOrCreate(Required(settings, "KeysFolder"));

        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.SetIssuer(issuer).SetTokenEndpointUris("connect/token").SetAccessTokenLifetime(Lifetime);
            server.AllowClientCredentialsFlow().EnableDegradedMode();
            server.AddSigningKey(key).AddEphemeralEncryptionKey().DisableAccessTokenEncryption();
            server.UseAspNetCore().DisableTransportSecurityRequirement();
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context => Validate(context, secret)));
            server.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(SignIn));
        });

        // The gateway knows the key already: asking itself for it over HTTP would tie its first answer to its own start.
        builder.Services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            options.Configuration = new OpenIdConnectConfiguration { Issuer = issuer.AbsoluteUri, SigningKeys = { key } };
            options.ConfigurationManager = null;
        });
        return builder;
    }

    private static ValueTask Validate(ValidateTokenRequestContext context, byte[] secret)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(context.ClientSecret ?? ""));
        if (!CryptographicOperations.FixedTimeEquals(given, secret))
            context.Reject(Errors.InvalidClient, "The client_secret is wrong or missing.");
        else if (!ClientId.TryParse(context.ClientId, out _, out var refusal))
            context.Reject(Errors.InvalidClient, refusal);
        return ValueTask.CompletedTask;
    }

    private static ValueTask SignIn(HandleTokenRequestContext context)
    {
        if (!ClientId.TryParse(context.ClientId, out var client, out var refusal))
        {
            context.Reject(Errors.InvalidClient, refusal);
            return ValueTask.CompletedTask;
        }

        var identity = new ClaimsIdentity("client-credentials", Claims.Subject, roleType: null);
        identity.SetClaim(Claims.Subject, client.Subject);
        if (client.Person is not null) identity.SetClaim("named", "true");
        identity.SetClaims("right", [.. client.Pairs.Select(pair => pair.ToString())]);
        identity.SetResources(Auth.Audience);
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
        return ValueTask.CompletedTask;
    }

    private static string Required(IConfigurationSection settings, string name) =>
        settings[name] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"The local token issuer needs the setting {settings.Path}:{name}.");
}
