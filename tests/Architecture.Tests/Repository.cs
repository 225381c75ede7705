using System.Xml.Linq;

namespace Ntm.Architecture.Tests;

/// <summary>The sources as they lie on disk.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Names of the projects of <c>src/</c>, e.g. <c>Services.Criteria</c>.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Directory.GetFiles(PathOf("src"), "*.csproj", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    public static XDocument ProjectFile(string project) => XDocument.Load(PathOf($"src/{project}/{project}.csproj"));

    /// <summary>C# sources of a project with their paths from the root.</summary>
    public static IEnumerable<(string Path, string Text)> SourcesOf(string project) =>
        from file in Directory.GetFiles(PathOf($"src/{project}"), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file)
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
        select (path, File.ReadAllText(file));

    private static string Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "NongThonMoi.slnx"))) at = at.Parent;
        return at?.FullName ?? throw new InvalidOperationException("The repository was not found above the tests.");
    }
}
