namespace Scanner.Terminal;

/// <summary>A line on standard error that says how far long work is, for as long as it goes on: only in a terminal, where somebody waits.</summary>
internal sealed class Ticker : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Func<string?> _text;
    private readonly Lock _lock = new();
    private readonly Timer? _timer;
    private bool _isShown;
    private bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="text">What to say now; null: nothing.</param>
    public Ticker(Func<string?> text)
    {
        _text = text;
        if (!Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"))
            _timer = new Timer(_ => Show(), null, First, Every);
    }

    /// <summary>Takes the line away until its next turn: something else is written.</summary>
    public void GiveWay()
    {
        lock (_lock)
            Clear();
    }

    /// <summary>Takes the line away for good.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock)
        {
            _isOver = true;
            Clear();
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            if (_text() is not { } text)
            {
                Clear();
                return;
            }
            _isShown = true;
            Console.Error.Write("\r" + text + "\u001b[K");
        }
    }

    private void Clear()
    {
        if (_isShown)
            Console.Error.Write("\r\u001b[K");
        _isShown = false;
    }
}
