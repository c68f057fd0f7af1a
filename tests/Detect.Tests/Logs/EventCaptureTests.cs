using System.Text;
using Scanner.Detect.Logs;

namespace Detect.Tests.Logs;

/// <summary>Parts of an event that are put off until a rule asks for them are read once.</summary>
public sealed class EventCaptureTests
{
    [Fact]
    public void What_stands_twice_under_a_name_has_each_value_once_whatever_stands_between()
    {
        var trie = new FieldTrie();
        var slot = trie.SlotOf("requestParameters.name");
        var json = Encoding.UTF8.GetBytes("""{"requestParameters":{"name":"first"},"some.other":1,"requestParameters":{"name":"second"}}""");
        var capture = new EventCapture(trie, []);

        Assert.Equal(JsonEnd.Complete, capture.Scan(json, 0, json.Length, wrappers: false));

        var values = new List<string>();
        for (var value = capture.First(slot); value >= 0; value = capture.Next(value))
            values.Add(Encoding.UTF8.GetString(capture.TextOf(value)));
        Assert.Equal(["first", "second"], values);
    }
}
