using Scanner.Model;
using Spectre.Console;

namespace Scanner.Terminal;

/// <summary>Progress bars in a terminal.</summary>
internal sealed class LiveProgress : IProgressSink
{
    private readonly ProgressContext _context;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _tasks = new(StringComparer.Ordinal);
    private readonly IAnsiConsole _console;
    private readonly CollectionLine _collection = new(TimeProvider.System);

    private LiveProgress(IAnsiConsole console, ProgressContext context)
    {
        _console = console;
        _context = context;
    }

    /// <summary>Runs work under a set of bars that are drawn until it ends.</summary>
    public static Task<T> RunAsync<T>(IAnsiConsole console, Func<IProgressSink, Task<T>> work) =>
        console.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn(Spinner.Known.Dots))
            .StartAsync(context => work(new LiveProgress(console, context)));

    public void Report(string task, long done, long total)
    {
        lock (_lock)
        {
            if (!_tasks.TryGetValue(task, out var bar))
                _tasks[task] = bar = _context.AddTask(Markup.Escape(SafeText.Line(task)));
            bar.IsIndeterminate = total <= 0;
            bar.MaxValue = Math.Max(total, 1);
            bar.Value = done;
        }
    }

    public void Report(CollectionProgress progress)
    {
        lock (_lock)
        {
            // One bar for all accounts and regions, whatever their number.
            Report("Collecting", progress.Tables, progress.AllTables);
            _tasks["Collecting"].Description = Markup.Escape(_collection.Of(progress));
        }
    }

    public void Note(string message)
    {
        lock (_lock)
            _console.MarkupLineInterpolated($"[grey]{SafeText.Line(message)}[/]");
    }
}
