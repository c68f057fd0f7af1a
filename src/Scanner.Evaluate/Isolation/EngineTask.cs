namespace Scanner.Evaluate.Isolation;

/// <summary>What is asked.</summary>
internal enum EngineTask
{
    /// <summary>Start with these tables.</summary>
    Begin,

    /// <summary>Remember a check.</summary>
    Define,

    /// <summary>Parse, bind and prove a check.</summary>
    Compile,

    /// <summary>The same for the select of a table.</summary>
    CompileFrom,

    /// <summary>Take a row.</summary>
    Row,

    /// <summary>Give the rows of a table's select.</summary>
    Rows,

    /// <summary>Judge the rows.</summary>
    Judge,
}
