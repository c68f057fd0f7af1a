using Scanner.Detect.Rules;

namespace Scanner.Detect.Sql;

/// <summary>
/// A rule as SQL: one <c>select</c> whose rows are the matches, with the columns <c>rule</c>, <c>event_id</c>,
/// <c>event_time</c> (text, as CloudTrail writes it), <c>account</c> and <c>region</c>. Of a rule about CloudTrail also what
/// the event says of itself (<c>event_source</c>, <c>event_name</c>, <c>source_ip</c>, <c>error_code</c>, <c>actor_type</c>,
/// <c>actor_arn</c> ...). Of a correlation also <c>g0</c>, <c>g1</c> ... (values of its group-by fields), <c>event_count</c>,
/// <c>first_event_id</c> and <c>first_event_time</c>.
/// </summary>
/// <param name="Rule">The rule.</param>
/// <param name="Sql">One statement without a semicolon at its end.</param>
/// <param name="Notes">Where the meaning differs from that of a local run, because the table does not hold what the log holds.</param>
public sealed record ConvertedRule(DetectionRule Rule, string Sql, IReadOnlyList<ConversionNote> Notes);
