// Names of attributes and blocks in Terraform's AWS provider, from the classes that @cdktn/provider-aws (until 2025 @cdktf/provider-aws)
// generates from its schema.

/** Names of one resource, from its index.js: each with an object of the names in it, '*' for a map whose keys are free, or 0. */
export function names(text) {
  const classes = new Map();
  let top = null;
  for (const [, name, base, body] of text.matchAll(/^(?:export )?class (\w+) extends cdkt[nf]\.(\w+) \{([\s\S]*?)^\}/gm)) {
    const members = new Map();
    for (const [, getter, attribute] of body.matchAll(/this\.get(\w+?)Attribute\(["'](\w+)["']/g)) members.set(attribute, /Map$/.test(getter) ? '*' : 0);
    for (const [, type, attribute] of body.matchAll(/_\w+ = new (\w+)\(this, ["'](\w+)["']/g)) {
      // cdktn.StringMap and the like are maps, cdktn.StringMapList lists of them.
      members.set(attribute, type);
    }
    for (const [, type, attribute] of body.matchAll(/_\w+ = new cdkt[nf]\.(\w+)\(this, ["'](\w+)["']/g)) members.set(attribute, '*');
    classes.set(name, members);
    if (base === 'TerraformResource') top = name;
  }
  const of = (name, depth) => Object.fromEntries([...classes.get(name) ?? []].map(([attribute, held]) => {
    if (typeof held !== 'string' || held === '*') return [attribute, held];
    const inner = [held.replace(/(List|Map)$/, 'OutputReference'), held + 'OutputReference', held].find(one => classes.has(one));
    // Rules of a web ACL hold rules of a web ACL.
    return [attribute, inner && depth < 12 ? of(inner, depth + 1) : '*'];
  }));
  return top ? of(top, 0) : null;
}
