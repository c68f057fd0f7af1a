namespace Scanner.Model;

/// <summary>Where long work says how far it is. Implementations may be called from any thread.</summary>
public interface IProgressSink
{
    /// <summary>Announces or updates a piece of work.</summary>
    /// <param name="task">Stable name of the piece of work, such as <c>Evaluating checks</c>.</param>
    /// <param name="done">Units done so far.</param>
    /// <param name="total">Units in all, as far as known.</param>
    void Report(string task, long done, long total);

    /// <summary>Says how far the collection is; called about once a second, and when it begins and ends.</summary>
    /// <param name="progress">How far it is.</param>
    void Report(CollectionProgress progress)
    {
    }

    /// <summary>Says one line that should be seen in any case.</summary>
    /// <param name="message">Plain text; may hold text from AWS: hostile.</param>
    void Note(string message);
}
