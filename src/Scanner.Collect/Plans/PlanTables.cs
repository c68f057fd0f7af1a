using System.Globalization;
using Scanner.Catalog;
using Scanner.Catalog.Terraform;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>
/// Makes rows of the catalog's tables of a plan's instances, as the tables' <c>terraform:</c> sections say
/// (checks/README.md, "Tables in Terraform plans"). A plan tells only of what it manages: no table is whole by it.
/// </summary>
public sealed class PlanTables
{
    // What AWS creates along with more resources than this is told of all of them together: nobody reads it one by one, and a plan of
    // 100 MB has room for no more.
    private const int MostImplied = 1_000;
    private const int RowsBetween = 2_000;

    private readonly List<TableDefinition> _tables;
    private readonly TerraformNames _names;
    private readonly DateTimeOffset _scanTime;

    /// <summary>Prepares the tables that have a <c>terraform:</c> section; the others are left out.</summary>
    /// <param name="tables">Tables of the catalog.</param>
    /// <param name="scanTime">What <c>{scan_time}</c> stands for.</param>
    public PlanTables(IEnumerable<TableDefinition> tables, DateTimeOffset scanTime)
    {
        _tables = [.. tables.Where(table => table.Terraform.Count > 0)];
        _names = TerraformNames.Of(_tables);
        _scanTime = scanTime;
        Types = _tables.SelectMany(table => table.Terraform)
            .SelectMany(mapping => mapping.Resources.Concat(mapping.Parts.SelectMany(part => part.Resources)))
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Resource types that some table takes up, as a row or as a part of one.</summary>
    public IReadOnlySet<string> Types { get; }

    /// <summary>Identity attributes by type, for <see cref="PlanReadOptions.Names"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Names => _names.Attributes;

    /// <summary>What resources belong to, for <see cref="PlanReadOptions.Owners"/>.</summary>
    public IReadOnlyDictionary<(string Type, string Argument), IReadOnlySet<string>> Owners => _names.Owners;

    /// <summary>The rows of both sides.</summary>
    /// <param name="plan">The plan, read with <see cref="Names"/>.</param>
    public PlanRows Of(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var before = new PlanSide(plan, null, _names, _scanTime);
        var notes = new SortedSet<string>(StringComparer.Ordinal);
        return new PlanRows(Rows(before, notes), Rows(new PlanSide(plan, before, _names, _scanTime), notes)) { Notes = [.. notes] };
    }

    private List<PlanRow> Rows(PlanSide side, SortedSet<string> notes)
    {
        var rows = new List<PlanRow>();
        foreach (var table in _tables)
        {
            var ids = new HashSet<(string, string, string)>();
            // What AWS makes by itself comes last: what the plan makes under the same name is that.
            LargeHeap.LetGrown();
            foreach (var mapping in table.Terraform.OrderBy(mapping => mapping.ImpliedUnless is not null))
            {
                // What the plan destroys is read as it was.
                var of = mapping.Destroyed ? side.Before : side;
                if (mapping.ImpliedUnless is { } unless && side.OfTypes(mapping.Resources).Skip(MostImplied).Any())
                {
                    notes.Add(string.Create(CultureInfo.InvariantCulture, $"what AWS creates along with {string.Join(" and ", mapping.Resources)} is not judged, where {unless.Resources[0]} does not manage it: there are more than {MostImplied:N0}"));
                    continue;
                }
                foreach (var instance in of?.OfTypes(mapping.Resources) ?? [])
                {
                    if (rows.Count % RowsBetween == 0)
                        LargeHeap.LetGrown();
                    if (mapping.Destroyed && side.At(instance.Address) is not null)
                        continue;
                    foreach (var row in PlanRowMaker.Rows(of!, table, mapping, instance))
                    {
                        // A deposed object may have the name of the living one. Neither may hide the other.
                        var own = row.Resource;
                        if (ids.Add((own.Account, own.Region, own.Id)))
                            rows.Add(row);
                        else if (row.Implied is null)
                            rows.Add(Renamed(row, $"{own.Id} ({row.Address})"));
                    }
                }
            }
        }
        return rows;
    }

    private static PlanRow Renamed(PlanRow row, string id) =>
        row with { Resource = row.Resource with { Id = id }, Alternatives = [.. row.Alternatives.Select(one => one with { Id = id })] };
}
