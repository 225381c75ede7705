using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Ntm.AppHost;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>What leads to what on the dashboard.</summary>
public sealed class RelationshipTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-hub-relations-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_service_leads_to_its_database_and_whatever_is_made_of_parameters_leads_to_them()
    {
        var builder = new DistributedApplicationBuilder([$"--NTM_DATA={folder}"]);
        var servers = Servers.Own(builder);
        var provision = servers.AddProvision(builder, folder);
        new House(builder, servers, provision, "http://127.0.0.1:8080/", demonstration: false, replicas: 1).AddService("criteria", "../Services.Criteria/Services.Criteria.csproj");

        Assert.Equal(["postgres-password"], Of("postgres"));
        Assert.Equal(["rabbitmq-password", "rabbitmq-user"], Of("rabbitmq"));
        Assert.Equal(["criteria-database", "criteria-password", "postgres"], Of("criteria-store"));
        Assert.Equal(["criteria-database", "criteria-owner-password", "postgres"], Of("criteria-owner-store"));
        Assert.Equal(["criteria-broker-password", "rabbitmq"], Of("criteria-broker"));
        Assert.Equal(["criteria-broker", "criteria-store"], Of("criteria"));
        Assert.Equal(["criteria-broker", "criteria-owner-store"], Of("criteria-schema"));
        Assert.Equal(["criteria-broker-password", "criteria-owner-password", "criteria-password", "postgres", "rabbitmq"], Of("provision"));

        IEnumerable<string> Of(string name) =>
            builder.Resources.Single(r => r.Name == name).All<RelationshipAnnotation>().Where(r => r.Type == "Reference").Select(r => r.Other.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void An_environment_leads_to_whatever_its_values_come_from_each_once()
    {
        var builder = new DistributedApplicationBuilder([$"--NTM_DATA={folder}"]);
        var secret = builder.AddParameter("secret", secret: true);
        var web = builder.AddProject("web", "web.csproj").WithHttpEndpoint();
        var endpoint = web.GetEndpoint("http");
        var inner = ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.Port)};{secret}");
        var reader = builder.AddProject("reader", "reader.csproj")
            .WithEnvironment("A", $"{inner}")
            .WithEnvironment("B", endpoint)
            .WithEnvironment("C", secret)
            .WithEnvironment("D", "text")
            .WithReference(web);
        Assert.Equal(["web", "secret"], reader.Resource.All<RelationshipAnnotation>().Select(r => r.Other.Name));
    }
}
