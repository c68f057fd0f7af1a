using Scanner.Catalog;

namespace Catalog.Tests;

/// <summary>Files whose unit tests nobody runs are read without them.</summary>
public sealed class TestSectionTests
{
    [Theory]
    [InlineData("id: a\ntests:\n- name: x\n  event: {a: 1}\n\n# a comment\n- name: y\nlevel: high\n", "id: a\n\n\n\n\n\n\nlevel: high\n\n")]
    [InlineData("id: a\ntests: []\n---\nid: b\ntests:\n  - name: x\n...\n", "id: a\n\n---\nid: b\n\n\n...\n\n")]
    [InlineData("detection:\n  tests: {a: 1}\n", "detection:\n  tests: {a: 1}\n\n")]
    public void Tests_end_where_the_next_key_or_document_begins(string text, string expected) => Assert.Equal(expected, TestSection.CutFrom(text));
}
