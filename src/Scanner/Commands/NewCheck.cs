using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Commands;

/// <summary>The file of a new check: a question to one of the service's tables, with tests for every answer that it can give.</summary>
internal static class NewCheck
{
    /// <summary>Writes the file.</summary>
    /// <param name="id">Id of the check.</param>
    /// <param name="service">A service that has a model.</param>
    /// <param name="catalog">The tables that can be asked.</param>
    /// <exception cref="InputException">The service has no table.</exception>
    public static string Text(string id, string service, CheckCatalog catalog)
    {
        var words = id.Split('-', StringSplitOptions.RemoveEmptyEntries);
        var table = catalog.Tables.Values.Where(table => table.Service == service && !BuiltInTables.IsBuiltIn(table.Name))
                .OrderByDescending(table => table.Name.Split('_').Count(words.Contains)).ThenBy(table => table.Name, StringComparer.Ordinal).FirstOrDefault()
            ?? throw new InputException($"there is no table of {service} to ask; write one first: scanner checks new table aws_{service.Replace('-', '_')}_... --service {service}");
        var column = table.Columns.FirstOrDefault(column => column.Type == ColumnType.Bool) ?? table.Columns.FirstOrDefault(column => column.Type == ColumnType.Text) ?? table.Columns[0];
        var flag = column.Type == ColumnType.Bool;
        var holds = flag ? column.Name : column.Name + " is not null";
        var unset = flag ? $"\n              when {column.Name} is null then 'unknown'" : "";
        var good = flag ? "true" : Example(column.Type);
        var bad = flag ? "false" : "null";
        return $$"""
            # yaml-language-server: $schema={{SchemaAddress.Of("check")}}
            id: {{id}}
            title: {{NewTable.Capital(string.Join(' ', words))}}     # what must hold, as a sentence
            fails: {{NewTable.Capital(string.Join(' ', words))}} is not so     # what is wrong where it does not, as a heading says it
            severity: medium               # informational low medium high critical
            service: {{service}}
            scope: resource                # what one finding is about: resource | region | account
            tables: [{{table.Name}}]       # everything that the query reads; the first is the one that resource ids come from
            why: >-
              Say in a sentence or two what can happen where it does not hold.
            fix:
              console: Say where to click.
              # cli: aws {{service}} ...
              # terraform: the resource and its argument
            query: |
              select account_id, region, resource_id,
                     case when {{holds}} then 'pass'{{unset}}
                          else 'fail' end as status,
                     'Say what was found of ' || resource_id as message
              from {{table.Name}}
            tests:                         # rows leave out what they do not need
              - name: what is as it should be passes
                given: {{{table.Name}}: [{resource_id: a, {{column.Name}}: {{good}}}]}
                expect: [{resource_id: a, status: pass}]
              - name: what is not fails
                given: {{{table.Name}}: [{resource_id: a, {{column.Name}}: {{bad}}}]}
                expect: [{resource_id: a, status: fail}]
              - name: what could not be read is unknown, never a pass
                collection: {{{table.Name}}: denied}
                expect: [{status: unknown}]

            """;
    }

    private static string Example(ColumnType type) => type switch
    {
        ColumnType.Int or ColumnType.Double => "1",
        ColumnType.Timestamp => "\"2025-12-31T12:00:00Z\"",
        ColumnType.Json => "{a: 1}",
        ColumnType.TextList => "[x]",
        _ => "x",
    };
}
