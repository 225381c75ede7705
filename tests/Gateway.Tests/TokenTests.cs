using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Ntm.Gateway.Tokens;

namespace Ntm.Gateway.Tests;

/// <summary>The local issuer as its clients see it, over real sockets.</summary>
public sealed class TokenTests(Stage stage) : IClassFixture<Stage>
{
    [Fact]
    public async Task A_token_carries_the_person_and_one_right_for_each_pair()
    {
        using var answer = await stage.Gateway.AskForTokenAsync("commune-officer@18073~2024-12-31#an+province-officer@42");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel);
        Assert.Equal("Bearer", body.GetProperty("token_type").GetString());
        Assert.InRange(body.GetProperty("expires_in").GetInt32(), 3590, 3600);

        var token = new JsonWebToken(body.GetProperty("access_token").GetString());
        Assert.Equal("RS256", token.Alg);
        Assert.Equal("an", token.Subject);
        Assert.Equal("http://127.0.0.1:8080/", token.Issuer);
        Assert.Equal(["ntm-hub"], token.Audiences);
        Assert.Equal("true", token.GetClaim("named").Value);
        Assert.Equal("commune-officer@18073~2024-12-31#an+province-officer@42", token.GetClaim("client_id").Value);
        Assert.Equal(
            ["commune-officer@18073~2024-12-31", "province-officer@42"],
            token.Claims.Where(claim => claim.Type == "right").Select(claim => claim.Value));
    }

    [Fact]
    public async Task A_client_without_a_person_is_its_own_person_and_not_named()
    {
        var token = new JsonWebToken(await stage.Gateway.TokenAsync("ministry@0"));
        Assert.Equal("ministry@0", token.Subject);
        Assert.False(token.TryGetClaim("named", out _));
        Assert.Equal("ministry@0", token.GetClaim("right").Value);
    }

    [Theory]
    [InlineData("commune-officer@18073#an", "wrong", "client_credentials", 401, "invalid_client")]
    [InlineData("commune-officer@18073#an", "", "client_credentials", 400, "invalid_request")]
    [InlineData("mayor@18073", GatewayHost.Secret, "client_credentials", 401, "invalid_client")]
    [InlineData("commune-officer@18073#an+auditor@0#binh", GatewayHost.Secret, "client_credentials", 401, "invalid_client")]
    [InlineData("ministry@0", GatewayHost.Secret, "password", 400, "unsupported_grant_type")]
    [InlineData("ministry@0", GatewayHost.Secret, "", 400, "invalid_request")]
    public async Task A_refused_token_says_why_as_OAuth_does(string clientId, string secret, string grantType, int status, string error)
    {
        using var answer = await stage.Gateway.AskForTokenAsync(clientId, secret, grantType);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(error, (await answer.Content.ReadFromJsonAsync<JsonElement>(Stage.Cancel)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Client_credentials_may_stand_in_the_Authorization_header()
    {
        using var client = stage.Gateway.Client();
        var pair = Uri.EscapeDataString("department-officer@42:SNN#binh") + ":" + GatewayHost.Secret;
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials")]);
        using var answer = await client.PostAsync(new Uri("/connect/token", UriKind.Relative), form, Stage.Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_of_another_issuer_is_refused()
    {
        var (first, second) = (await stage.Gateway.TokenAsync("ministry@0"), stage.Keys + "-other");
        await using var other = stage.Start(second);
        using var client = other.Client(first, "en");
        using var answer = await client.GetAsync(new Uri(Stage.Report, UriKind.Relative), Stage.Cancel);
        await Stage.AssertProblemAsync(answer, 401, Stage.Report);
        Directory.Delete(second, recursive: true);
    }

    [Theory]
    [InlineData("ntm-hub", "http://127.0.0.1:8080/", 30, 200)]
    [InlineData("ntm-hub", "http://127.0.0.1:8080/", -2, 401)]
    [InlineData("another", "http://127.0.0.1:8080/", 30, 401)]
    [InlineData("ntm-hub", "http://127.0.0.1:9/", 30, 401)]
    public async Task A_token_counts_for_its_audience_issuer_and_time_only(string audience, string issuer, int minutes, int status)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = now.AddHours(-1),
            IssuedAt = now.AddHours(-1),
            Expires = now.AddMinutes(minutes),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "an" },
            SigningCredentials = new SigningCredentials(SigningKey.LoadOrCreate(stage.Keys), SecurityAlgorithms.RsaSha256),
        });
        using var client = stage.Gateway.Client(token);
        using var answer = await client.GetAsync(new Uri(Stage.Report, UriKind.Relative), Stage.Cancel);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_token_outlives_a_restart()
    {
        var token = await stage.Gateway.TokenAsync("commune-officer@18073#an");
        await using var restarted = stage.Start(stage.Keys);
        using var client = restarted.Client(token);
        using var answer = await client.GetAsync(new Uri(Stage.Report, UriKind.Relative), Stage.Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("Development", "https://login.example.invalid/")]
    [InlineData("Production", null)]
    public async Task The_local_issuer_exists_in_the_local_profile_only(string environment, string? authority)
    {
        await using var other = GatewayHost.Start(stage.Keys, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Ntm:Auth:Authority"] = authority }, environment);
        using var answer = await other.AskForTokenAsync("ministry@0");
        await Stage.AssertProblemAsync(answer, 404, "/connect/token");
    }
}
