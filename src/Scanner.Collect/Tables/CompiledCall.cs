using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>A call of a table with its texts parsed.</summary>
internal sealed class CompiledCall
{
    public CompiledCall(TableCall call, string file)
    {
        Call = call;
        Parameters = ParameterTemplate.Parse(call.Parameters, file, call.Line);
        Region = call.Region is null ? null : TextTemplate.ParseIdOrRegion(call.Region, file, call.Line);
        When = [.. call.When.Select(condition => (condition.Key, (IReadOnlyList<TextTemplate>)[.. condition.Value.Select(value => Text(value, file, call.Line))]))];
        Account = call.Account is null ? null : TextTemplate.ParseIdOrRegion(call.Account, file, call.Line);
        BatchFrom = call.ItemBatch is null ? null : TextTemplate.Parse(call.ItemBatch.From, file, call.Line);
        DependsOn = [.. Parameters.Paths.Concat(Region?.Paths ?? []).Concat(Account?.Paths ?? []).Concat(call.When.Select(condition => condition.Key))
            .Select(path => path.Segments[0].Name).Distinct(StringComparer.Ordinal)];
    }

    public TableCall Call { get; }

    public ParameterTemplate Parameters { get; }

    public TextTemplate? Region { get; }

    public TextTemplate? Account { get; }

    /// <summary>What an item gives to a call for many of them.</summary>
    public TextTemplate? BatchFrom { get; }

    /// <summary>Paths of the item and the texts, one of which each of them must have.</summary>
    public IReadOnlyList<(ItemPath Path, IReadOnlyList<TextTemplate> Values)> When { get; }

    /// <summary>First names of the paths that decide whether, where and with what it is called.</summary>
    public IReadOnlyList<string> DependsOn { get; }

    private static TextTemplate Text(string value, string file, int line) => TextTemplate.TryParse(value, out var template)
        ? template
        : throw new InputException(file, line, $"'when' has '{value}', in which a brace is left open or holds no path");

    public string Operation => $"{Call.Service}:{Call.Operation}";
}
