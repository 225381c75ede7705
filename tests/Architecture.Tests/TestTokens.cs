using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests;

/// <summary>Tokens of a test's own issuer, as the house's issues them.</summary>
internal sealed class TestTokens : IDisposable
{
    private const string Issuer = "http://127.0.0.1/";
    private readonly RSA key = RSA.Create(2048);

    /// <summary>The service takes these tokens and no others.</summary>
    public void Admit(WebApplicationBuilder builder)
    {
        builder.Configuration["Ntm:Auth:Issuer"] = Issuer;
        builder.AddNtmAuthentication(options => options.Configuration = new OpenIdConnectConfiguration { SigningKeys = { new RsaSecurityKey(key) } });
    }

    /// <summary>So does one that is wired by its own Program.</summary>
    public void Admit(IWebHostBuilder host)
    {
        host.UseSetting("Ntm:Auth:Issuer", Issuer);
        host.ConfigureServices(services => services.Configure<JwtBearerOptions>(
            JwtBearerDefaults.AuthenticationScheme, options => options.Configuration = new OpenIdConnectConfiguration { SigningKeys = { new RsaSecurityKey(key) } }));
    }

    public string Of(string client) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Auth.Audience,
        Claims = new Dictionary<string, object> { ["client_id"] = client, ["sub"] = Actor.PersonOf(client), ["right"] = client.Split('#')[0] },
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(key), SecurityAlgorithms.RsaSha256),
    });

    public void Dispose() => key.Dispose();
}
