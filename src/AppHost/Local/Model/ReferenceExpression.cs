using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A text with holes that are filled when the run knows ports and passwords.</summary>
public sealed class ReferenceExpression : IExpressionValue
{
    private readonly IReadOnlyList<Part> _parts;

    private ReferenceExpression(IReadOnlyList<Part> parts) => _parts = parts;

    public static ReferenceExpression Empty { get; } = new([]);

    public string ValueExpression => string.Concat(_parts.Select(part => part.Text ?? part.Provider!.ValueExpression));

    /// <summary>Where its values come from.</summary>
    internal IEnumerable<IResource> Resources => _parts.SelectMany(part => part.Provider switch
    {
        IResource resource => [resource],
        EndpointReference endpoint => [endpoint.Resource],
        EndpointReferenceExpression property => [property.Endpoint.Resource],
        ReferenceExpression expression => expression.Resources,
        _ => [],
    });

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => new(handler.Parts);

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            var value = part.Provider is null ? part.Text : await part.Provider.GetValueAsync(cancellationToken);
            text.Append(part.UriEncoded ? Uri.EscapeDataString(value ?? "") : value);
        }

        return text.ToString();
    }

    internal sealed record Part(string? Text, IExpressionValue? Provider, bool UriEncoded);

    /// <summary>Collects the parts of <c>$"…"</c>; the only format is <c>:uri</c>, as in Aspire.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        internal List<Part> Parts { get; } = new(literalLength == 0 ? formattedCount : (2 * formattedCount) + 1);

        public void AppendLiteral(string value) => Parts.Add(new(value, null, UriEncoded: false));

        public void AppendFormatted(string? value, string? format = null) => Parts.Add(new(value ?? "", null, IsUri(format)));

        public void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IExpressionValue => Parts.Add(new(null, valueProvider, IsUri(format)));

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IExpressionValue => Parts.Add(new(null, valueProvider.Resource, IsUri(format)));

        private static bool IsUri(string? format) => format switch
        {
            null => false,
            "uri" => true,
            _ => throw new FormatException($"Unknown format '{format}' in an expression."),
        };
    }
}
