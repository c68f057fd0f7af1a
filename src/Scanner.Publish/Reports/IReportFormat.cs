using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>One way to write a whole report down. Nothing of the report is ever left out in silence.</summary>
internal interface IReportFormat
{
    /// <summary>Name on the command line, lower case.</summary>
    string Name { get; }

    /// <summary>Writes the report as UTF-8.</summary>
    Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation);
}
