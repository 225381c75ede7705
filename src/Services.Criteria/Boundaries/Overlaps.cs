using System.Globalization;
using NetTopologySuite.Index.Strtree;

namespace Ntm.Criteria.Boundaries;

/// <summary>Units of one level do not lie on each other on any day. Each pair of lines is compared once, on the first day on which both stand.</summary>
/// <param name="file">Is told each fault.</param>
/// <param name="tolerance">Greatest overlap that is let pass, as a share of the smaller one's area.</param>
internal sealed class Overlaps(BoundaryFile file, decimal tolerance)
{
    private readonly HashSet<(int At, int Other, Guid Unit, long Position)> compared = [];

    /// <summary>The largest share that was found.</summary>
    public double Largest { get; private set; }

    /// <param name="neighbours">What is drawn already of the units that the file does not speak of.</param>
    public void Check(IReadOnlyList<DrawnUnit> drawn, IReadOnlyList<DrawnUnit> neighbours, DateOnly on)
    {
        var tree = new STRtree<DrawnUnit>();
        foreach (var unit in drawn.Concat(neighbours)) tree.Insert(unit.Shape.EnvelopeInternal, unit);
        foreach (var unit in drawn)
        {
            // A pair within the file is looked at once, from its later feature.
            var others = tree.Query(unit.Shape.EnvelopeInternal).Where(o => o.Level == unit.Level && o.Unit != unit.Unit && o.At < unit.At);
            foreach (var other in others.OrderBy(o => o.At).ThenBy(o => o.Code, StringComparer.Ordinal))
                if (compared.Add((unit.At, other.At, other.Unit, other.Position))) Compare(unit, other, on);
        }
    }

    private void Compare(DrawnUnit unit, DrawnUnit other, DateOnly on)
    {
        var both = Shapes.Overlap(unit.Shape, other.Shape);
        var share = both / Math.Min(Shapes.Area(unit.Shape), Shapes.Area(other.Shape));
        Largest = Math.Max(Largest, share);
        if (share <= (double)tolerance) return;
        var text = string.Create(CultureInfo.InvariantCulture, $"{both:0} m², {share * 100:0.###} %");
        file.Fault(
            $"features[{unit.At}].geometry", $"Chồng lên đơn vị {other.Code} từ ngày {on:yyyy-MM-dd} ({text}).", $"Overlaps unit {other.Code} from {on:yyyy-MM-dd} on ({text}).");
    }
}
