namespace Scanner.Collect.Plans;

/// <summary>Where a value that is known after apply comes from: the objects that it is made of, and what nothing can be said of.</summary>
internal sealed class Trace
{
    // A splat over thousands of instances says no more than its first.
    private const int Most = 64;

    // Outputs that name outputs that name outputs double at each step: a plan can ask for more than there is time.
    private const int MostSteps = 20_000;

    private readonly List<PlanSymbol> _objects = [];
    private readonly List<string> _opaque = [];
    private readonly List<RawChange> _documents = [];
    private readonly HashSet<string> _replaced = new(StringComparer.Ordinal);
    private readonly Trace _first;
    private int _steps;

    /// <summary>Starts a trace.</summary>
    public Trace() => _first = this;

    private Trace(Trace first) => _first = first;

    /// <summary>Objects that are not known yet, each once.</summary>
    public IReadOnlyList<PlanSymbol> Objects => _objects;

    /// <summary>What nothing can be said of, in words: <c>local.vpc_id</c>.</summary>
    public IReadOnlyList<string> Opaque => _opaque;

    /// <summary>The policy document that the value is, read during apply; null when it is not one.</summary>
    public RawChange? Document => _objects.Count == 0 && _opaque.Count == 1 && _documents.Count == 1 && IsIdentity ? _documents[0] : null;

    /// <summary>The policy documents, read during apply, of which the value is one. Empty when it is something else.</summary>
    public IReadOnlyList<RawChange> Documents => _objects.Count == 0 && _opaque.Count == _documents.Count && IsIdentity ? _documents : [];

    /// <summary>What something else is put in the place of, in the documents.</summary>
    public IReadOnlyCollection<string> Replaced => _replaced;

    /// <summary>For a list of which the source tells each element: texts, and documents that are read during apply; null when it is no such list.</summary>
    public IReadOnlyList<(RawChange? Document, PlanScalar? Text)>? Elements { get; set; }

    /// <summary>Whether the value is one identity attribute of the object as it is, and not something made of it.</summary>
    public bool IsIdentity { get; private set; } = true;

    /// <summary>Whether the text of the source would say more than the plan.</summary>
    public bool SourceWouldTell { get; private set; }

    /// <summary>Whether nothing unknown takes part: then the argument was null, and the provider decides.</summary>
    public bool IsEmpty => _objects.Count == 0 && _opaque.Count == 0;

    /// <summary>The one object that the value is an identity of; null when there is none.</summary>
    public PlanSymbol? Single => _opaque.Count == 0 && _objects.Count == 1 && IsIdentity ? _objects[0] : null;

    /// <summary>Counts a step; false when there were too many.</summary>
    public bool Step() => ++_first._steps <= MostSteps;

    /// <summary>A trace for a part, which shares the number of steps.</summary>
    public Trace Inner() => new(_first);

    /// <summary>Takes over what a part found.</summary>
    public void Add(Trace inner)
    {
        foreach (var found in inner.Objects)
            Add(found, inner.IsIdentity);
        foreach (var words in inner.Opaque)
            Hide(words, inner.SourceWouldTell);
        foreach (var document in inner._documents)
            Add(document, inner.Replaced);
    }

    public void Add(PlanSymbol found, bool identity)
    {
        IsIdentity &= identity;
        if (_objects.Count < Most && !_objects.Exists(one => string.Equals(one.Address, found.Address, StringComparison.Ordinal)))
            _objects.Add(found);
    }

    /// <summary>Says that a document that is read during apply takes part.</summary>
    /// <param name="document">The data source.</param>
    /// <param name="replaced">What of its text something else is put in the place of.</param>
    public void Add(RawChange document, IEnumerable<string>? replaced = null)
    {
        _replaced.UnionWith(replaced ?? []);
        if (!_documents.Contains(document))
            _documents.Add(document);
    }

    public void Hide(string words, bool sourceTells = false)
    {
        SourceWouldTell |= sourceTells;
        if (_opaque.Count < 8 && !_opaque.Contains(words, StringComparer.Ordinal))
            _opaque.Add(words);
    }

    /// <summary>Says that the value is made of its objects rather than being one's identity.</summary>
    public void Compose() => IsIdentity = false;
}
