using System.Reflection;
using System.Text.RegularExpressions;
using Ntm.Contracts;

namespace Ntm.Architecture.Tests;

/// <summary>Who may know whom: by the project files, by the built assemblies, and by the names of connection strings.</summary>
public sealed partial class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Contracts"] = [],
        ["ServiceDefaults"] = ["Contracts"],
        ["Gateway"] = ["ServiceDefaults"],
        ["Cli"] = ["ServiceDefaults"],
        ["AppHost"] = [],
    };

    public static TheoryData<string> Projects => [.. Repository.Projects];

    public static TheoryData<string> Services => [.. Repository.Projects.Where(IsService)];

    [Fact]
    public void Every_service_of_the_topology_is_one_project() => Assert.Equal(
        Topology.Services.Order(StringComparer.Ordinal), Repository.Projects.Where(IsService).Select(NameOf));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string project)
    {
        var referenced = Repository.ProjectFile(project).Descendants("ProjectReference")
            .Where(r => (string?)r.Attribute("ReferenceOutputAssembly") != "false")
            .SelectMany(r => ((string)r.Attribute("Include")!).Split(';'))
            .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));
        Assert.Empty(referenced.Except(IsService(project) ? ["ServiceDefaults"] : Allowed[project], StringComparer.Ordinal));
    }

    [Fact]
    public void No_project_compiles_sources_of_another() => Assert.All(
        Repository.Projects.SelectMany(project => Repository.ProjectFile(project).Descendants("Compile").Select(c => (Project: project, Source: (string?)c.Attribute("Include") ?? ""))),
        compiled => Assert.False(compiled.Source.Split(';').Any(source => source.Trim().Replace('\\', '/').StartsWith("../", StringComparison.Ordinal)), $"{compiled.Project} compiles {compiled.Source}."));

    [Fact]
    public void Contracts_take_no_package_but_that_of_their_protos() => Assert.Equal(
        ["Google.Protobuf", "Grpc.Core.Api", "Grpc.Tools"],
        Repository.ProjectFile("Contracts").Descendants().Where(e => e.Name.LocalName is "PackageReference" or "FrameworkReference").Select(e => (string)e.Attribute("Include")!).Order(StringComparer.Ordinal));

    [Fact]
    public void Contracts_are_built_on_the_base_library_and_protobuf_alone() => Assert.All(
        typeof(Topology).Assembly.GetReferencedAssemblies().Select(a => a.Name!),
        name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal) || name is "Google.Protobuf" or "Grpc.Core.Api", $"Contracts use {name}."));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_built_without_any_other_service(string project)
    {
        var assembly = Assembly.Load($"Ntm.{project["Services.".Length..]}");
        var ours = assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => name.StartsWith("Ntm.", StringComparison.Ordinal));
        Assert.Empty(ours.Except(["Ntm.ServiceDefaults", "Ntm.Contracts"], StringComparer.Ordinal));
    }

    [Fact]
    public void The_gateway_is_built_without_any_service()
    {
        var ours = Assembly.Load("Ntm.Gateway").GetReferencedAssemblies().Select(a => a.Name!).Where(name => name.StartsWith("Ntm.", StringComparison.Ordinal));
        Assert.Empty(ours.Except(["Ntm.ServiceDefaults", "Ntm.Contracts"], StringComparer.Ordinal));
    }

    [Fact]
    public void The_topology_builds_what_it_starts_and_references_nothing_of_it() => Assert.All(
        Repository.ProjectFile("AppHost").Descendants("ProjectReference"),
        r => Assert.Equal("false", (string?)r.Attribute("ReferenceOutputAssembly")));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_opens_no_database_but_its_own(string project)
    {
        var own = NameOf(project);
        foreach (var (path, text) in Repository.SourcesOf(project))
        {
            var names = ConnectionString().Matches(text).Select(m => m.Groups[1].Value);
            Assert.True(names.All(name => name == own), $"{path} names the connection string of another: {string.Join(", ", names)}");
            Assert.False(OpensItself().IsMatch(text), $"{path} opens a database itself; the store is that of AddNtmStore.");
        }

        var program = Repository.Read($"src/{project}/Program.cs");
        Assert.Contains($"const string service = \"{own}\";", program, StringComparison.Ordinal);
        Assert.Contains("AddNtmStore(service,", program, StringComparison.Ordinal);
    }

    [Fact]
    public void What_services_share_opens_the_database_of_the_service_at_hand_only()
    {
        foreach (var (path, text) in Repository.SourcesOf("ServiceDefaults"))
            Assert.All(AnyConnectionString().Matches(text).Select(m => m.Groups[1].Value), argument => Assert.True(argument is "service" or "\"broker\"", $"{path} asks for {argument}."));
    }

    private static bool IsService(string project) => project.StartsWith("Services.", StringComparison.Ordinal);

    private static string NameOf(string project) => project["Services.".Length..].ToLowerInvariant();

    [GeneratedRegex("""(?:GetConnectionString\(\s*"|ConnectionStrings(?::|__))([A-Za-z-]+)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ConnectionString();

    [GeneratedRegex("""GetConnectionString\(([^)]*)\)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AnyConnectionString();

    [GeneratedRegex("""new Npgsql(?:Connection|DataSource)|NpgsqlDataSource\.Create|\bHost=""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OpensItself();
}
