// Draws the findings of the HTML report from its data, as many as one looks at, and filters, sorts, folds and prints them.
// What comes from the data becomes text and attributes of elements that are made here, and never markup.
(() => {
  'use strict';
  const PAGE = 100, MOST_ENTRIES = 250, MOST_UNFOLDED = 300, MOST_PRINTED = 2000, MOST_RULES_PRINTED = 25;
  const by = id => document.getElementById(id), words = n => n.toLocaleString('en');
  const table = by('t'), q = by('q'), sev = by('sev'), shown = by('shown'), group = by('group');
  const boxes = [...document.querySelectorAll('input[name=status]')], usual = boxes.map(b => b.checked);
  const picks = [...document.querySelectorAll('select[data-f]')];
  let d, count, home, sizes, texts, order, parts, loaded = 0, blank = [], match = [], entries = [], entriesShown = MOST_ENTRIES, sorted = null, searched = false, printing = false;
  const open = new Set(), shownOf = new Map();

  const make = (name, text, attributes) => {
    const e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    for (const key in attributes) e.setAttribute(key, attributes[key]);
    return e;
  };

  // A cell comes in pieces, a line each: the first letter says what it is.
  const pieces = {
    t: text => document.createTextNode(text),
    c: text => make('code', text),
    e: text => make('em', text),
    b: () => document.createElement('br'),
    m: text => make('time', text.slice(0, 19).replace('T', ' '), {datetime: text}),
  };
  const cell = data => {
    const td = make('td', undefined, {role: 'cell'});
    for (const piece of data.split('\n')) if (piece) td.append(pieces[piece[0]](piece.slice(1)));
    return td;
  };
  const plain = data => data.replace(/(^|\n)./g, ' ');
  const pills = look => look.p.flatMap(([kind, text]) => [make('span', text, {class: 'pill s-' + kind}), ' ']);
  const severity = word => make('span', word, {class: 'sev ' + word});

  const row = i => {
    const rule = d.rules[d.rule[i]], look = d.looks[d.look[i]];
    const there = i < loaded, tr = make('tr', undefined, {...(there && {id: 'f-' + d.key[i]}), 'data-s': look.s, role: 'row'});
    const first = make('td', undefined, {role: 'cell'});
    first.append(...pills(look));
    if (there) first.append(make('a', undefined, {class: 'at', href: '#f-' + d.key[i], 'aria-label': 'Link to this finding'}));
    else blank.push([i, tr]);
    const second = make('td', undefined, {role: 'cell'}), third = make('td', undefined, {role: 'cell'});
    second.append(severity(d.severities[d.severity[i]]));
    third.append(make('a', d.titles[d.title[i]], {href: '#r-' + rule.a}));
    const resource = cell(there ? d.resource[i] : 't…'), message = cell(there ? d.message[i] : 't…'), event = d.events[i], timeline = d.timelines[i];
    const fold = (summary, ...inner) => {
      const details = make('details');
      details.append(make('summary', summary), ...inner);
      message.append(details);
    };
    if (timeline !== undefined) fold(timeline[0], ...cell(timeline[1]).childNodes);
    if (event !== undefined) fold('Event', make('pre', event));
    tr.append(first, second, third, make('td', d.accounts[d.account[i]], {role: 'cell'}), make('td', d.regions[d.region[i]], {role: 'cell'}), resource, message);
    return tr;
  };

  const more = (left, go) => {
    const tr = make('tr', undefined, {class: 'more', role: 'row'}), td = make('td', undefined, {colspan: 7, role: 'cell'});
    const button = make('button', `Show ${words(Math.min(PAGE, left))} more of ${words(left)}`, {type: 'button'});
    // Who goes on with the keyboard goes on where the new ones begin.
    button.addEventListener('click', () => go()?.querySelector('button, a')?.focus());
    td.append(button);
    tr.append(td);
    return tr;
  };

  const heading = (entry, body) => {
    const i = entry.rows[0], look = d.looks[d.look[i]], whole = sizes[home[i]], title = d.titles[d.title[i]];
    const tr = make('tr', undefined, {class: 'h', role: 'row'}), th = make('th', undefined, {colspan: 7, scope: 'rowgroup', role: 'rowheader'});
    const button = make('button', undefined, {type: 'button', 'aria-expanded': open.has(home[i]), 'aria-label': 'Findings of ' + title});
    button.addEventListener('click', () => {
      if (!open.delete(home[i])) open.add(home[i]);
      shownOf.delete(home[i]);
      fill(entry, body);
      body.querySelector('button').focus();
    });
    const note = make('span', undefined, {class: 'note'});
    const some = (n, one) => n > 1 ? ` in ${words(n)} ${one}s` : '';
    note.append(make('span', (entry.rows.length < whole.count ? words(entry.rows.length) + ' of ' : '') + words(whole.count), {class: 'count'}), ' findings' + some(whole.accounts, 'account') + some(whole.regions, 'region'));
    th.append(button, ' ', ...pills(look), severity(d.severities[whole.severity]), ' ', make('a', title, {href: '#r-' + d.rules[d.rule[i]].a}), ' ', note);
    tr.append(th);
    return tr;
  };

  // One entry: a group with its heading, a finding that stands alone, or all of them where nothing is grouped.
  const fill = (entry, body) => {
    const g = entry.group, titled = g !== null && sizes[g].count > 1;
    body.replaceChildren();
    body.className = '';
    if (titled) body.append(heading(entry, body));
    if (titled && !open.has(g) && !printing) {
      body.classList.add('c');
      return;
    }
    const most = printing ? entry.printed : shownOf.get(g) ?? PAGE;
    body.append(...entry.rows.slice(0, most).map(row));
    const left = entry.rows.length - most;
    if (left > 0 && printing) body.insertRow().append(make('td', `and ${words(left)} more, which the CSV and JSON reports hold`, {colspan: 7}));
    if (left > 0 && !printing) body.append(more(left, () => {
      shownOf.set(g, most + PAGE);
      fill(entry, body);
      return body.rows[most + (titled ? 1 : 0)];
    }));
  };

  const draw = () => {
    const drawn = document.createDocumentFragment();
    for (const entry of entries.slice(0, printing ? MOST_PRINTED : entriesShown)) {
      const body = make('tbody', undefined, {role: 'rowgroup'});
      fill(entry, body);
      drawn.append(body);
    }
    const left = entries.length - entriesShown;
    if (left > 0 && !printing) {
      const body = make('tbody', undefined, {role: 'rowgroup'});
      body.append(more(left, () => {
        const from = entriesShown;
        entriesShown += PAGE;
        draw();
        return table.tBodies[from];
      }));
      drawn.append(body);
    }
    for (const body of [...table.tBodies]) body.remove();
    table.append(drawn);
  };

  // In groups, each stands where its first finding does.
  const enter = () => {
    entriesShown = MOST_ENTRIES;
    shownOf.clear();
    const rows = order.filter(i => match[i]);
    if (!group.checked) {
      entries = [{group: null, rows}];
    } else {
      const groups = new Map();
      for (const i of rows) {
        const entry = groups.get(home[i]);
        if (entry) entry.rows.push(i); else groups.set(home[i], {group: home[i], rows: [i]});
      }
      entries = [...groups.values()];
    }
    return rows.length;
  };

  const text = i => texts[i] ??= [d.key[i], plain(d.resource[i]), plain(d.message[i]), d.titles[d.title[i]], d.accounts[d.account[i]], d.regions[d.region[i]],
    d.severities[d.severity[i]], d.looks[d.look[i]].p.map(p => p[1]).join(' '), d.owners[d.owner[i]], d.events[i] ?? ''].join(' ').toLowerCase();

  const filter = () => {
    const on = new Set(boxes.filter(b => b.checked).map(b => b.value)), asked = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (asked.length > 0 && loaded < count) {
      shown.textContent = 'Reading …';
      return void allRead.then(filter);
    }
    const looks = d.looks.map(look => on.has(look.s)), least = +sev.value;
    const value = Object.fromEntries(picks.map(p => [p.dataset.f, p.value]));
    const rules = d.rules.map(r => (!value.service || r.s === value.service) && (!value.framework || r.f.includes(value.framework)) && (!value.kind || r.k === value.kind));
    const is = (list, wanted) => list.map(one => !wanted || one === wanted);
    const accounts = is(d.accounts, value.account), regions = is(d.regions, value.region), owners = is(d.owners, value.owner), changes = is(d.looks.map(look => look.c), value.change);
    // A word may stand in the rule's ids, too.
    const inRule = asked.map(word => d.rules.map(r => r.i.includes(word)));
    for (let i = 0; i < count; i++) {
      match[i] = looks[d.look[i]] && d.severity[i] >= least && rules[d.rule[i]] && accounts[d.account[i]] && regions[d.region[i]] && owners[d.owner[i]] && changes[d.look[i]]
        && asked.every((word, w) => inRule[w][d.rule[i]] || text(i).includes(word));
    }
    const n = enter();
    // What was searched for is shown and not folded away, as far as one would read on.
    if (searched || asked.length > 0) open.clear();
    searched = asked.length > 0;
    if (searched) {
      let room = MOST_UNFOLDED;
      for (const entry of entries) if ((room -= Math.min(PAGE, entry.rows.length)) >= 0 && entry.group !== null) open.add(entry.group); else break;
    }
    draw();
    shown.textContent = `${words(n)} of ${words(count)} shown`;
  };

  const columns = {
    Status: () => d.look.map(k => -d.looks[k].o), Change: () => d.look.map(k => -d.looks[k].o), Severity: () => d.severity, Check: () => ranks(d.titles, d.title),
    Account: () => ranks(d.accounts, d.account), Region: () => ranks(d.regions, d.region), Resource: () => ranks(d.resource), Message: () => ranks(d.message),
  };
  const ranks = (list, of) => {
    const natural = new Intl.Collator('en', {numeric: true}), plainly = of ? list : list.map(plain), rank = new Array(list.length);
    plainly.map((_, i) => i).sort((a, b) => natural.compare(plainly[a], plainly[b])).forEach((i, at) => { rank[i] = at; });
    return of ? of.map(i => rank[i]) : rank;
  };
  const sort = () => {
    order = Array.from({length: count}, (_, i) => i);
    for (const th of table.tHead.rows[0].cells) th.setAttribute('aria-sort', sorted?.[0] === th.textContent ? (sorted[1] ? 'ascending' : 'descending') : 'none');
    if (!sorted) return;
    const key = columns[sorted[0]](), sign = sorted[1] ? 1 : -1;
    order.sort((a, b) => (key[a] - key[b]) * sign || a - b);
  };

  const chosen = () => {
    const state = new URLSearchParams();
    if (q.value) state.set('q', q.value);
    if (+sev.value) state.set('severity', sev.selectedOptions[0].textContent);
    picks.forEach(p => p.value && state.set(p.dataset.f, p.value));
    if (boxes.some((b, i) => b.checked !== usual[i])) state.set('status', boxes.filter(b => b.checked).map(b => b.value).join(','));
    return state;
  };
  // The address holds what was chosen: a link to it shows the same.
  const keep = () => {
    const state = chosen();
    if (!group.checked) state.set('group', 'no');
    if (sorted) state.set('sort', sorted[0] + (sorted[1] ? '' : ' down'));
    history.replaceState(null, '', '#' + (state.size ? '?' + state : ''));
  };
  const restore = hash => {
    const state = new URLSearchParams(hash.startsWith('#?') ? hash.slice(2) : '');
    q.value = state.get('q') ?? '';
    sev.value = [...sev.options].find(o => o.textContent === state.get('severity'))?.value ?? '0';
    picks.forEach(p => { p.value = state.get(p.dataset.f) ?? ''; if (p.selectedIndex < 0) p.value = ''; });
    const on = state.get('status')?.split(',');
    boxes.forEach((b, i) => { b.checked = on ? on.includes(b.value) : usual[i]; });
    group.checked = state.get('group') !== 'no';
    const [column, down] = (state.get('sort') ?? '').split(' ');
    sorted = Object.hasOwn(columns, column) ? [column, !down] : null;
    sort();
    filter();
  };

  // Shows one finding, wherever it is: filters that hide it give way.
  const show = key => {
    const i = d.key.indexOf(key);
    if (i < 0) return;
    if (!match[i]) {
      restore('');
      if (!match[i]) boxes.forEach(b => { b.checked ||= b.value === d.looks[d.look[i]].s; });
      filter();
    }
    const at = entries.findIndex(entry => entry.group === null || entry.group === home[i]), entry = entries[at], place = entry.rows.indexOf(i);
    entriesShown = Math.max(entriesShown, at + 1);
    open.add(home[i]);
    shownOf.set(entry.group, Math.max(shownOf.get(entry.group) ?? PAGE, Math.ceil((place + 1) / PAGE) * PAGE));
    draw();
    const tr = by('f-' + key);
    tr.classList.add('here');
    tr.scrollIntoView({block: 'center'});
    tr.querySelector('a.at').focus({preventScroll: true});
  };
  const arrive = () => {
    const hash = location.hash;
    if (hash.startsWith('#?')) return restore(hash);
    if (hash.startsWith('#f-')) return show(hash.slice(3));
    const target = hash.length > 1 && by(hash.slice(1));
    if (!target) return;
    for (const part of [...target.querySelectorAll(':scope > details'), target]) if (part.tagName === 'DETAILS') part.open = true;
    target.scrollIntoView();
  };

  const late = () => location.hash.startsWith('#?') || location.hash.startsWith('#f-');

  const print = on => {
    if (printing === on) return;
    printing = on;
    if (on) {
      // Each group has its share of the paper; what small groups leave goes to the others.
      let room = MOST_PRINTED, left = entries.length;
      for (const entry of [...entries].sort((a, b) => a.rows.length - b.rows.length)) {
        entry.printed = Math.min(entry.rows.length, Math.max(1, Math.floor(room / left--)));
        room -= entry.printed;
      }
      // Of what was chosen the rules are printed, whole where they are few; the rest of the page belongs to all findings.
      const rules = new Set();
      for (const entry of entries) for (const i of entry.rows) rules.add('r-' + d.rules[d.rule[i]].a);
      for (const rule of document.querySelectorAll('.rules details')) rule.classList.toggle('quiet', !rules.has(rule.id));
      document.body.classList.toggle('chosen', chosen().size > 0);
      document.body.classList.toggle('full', rules.size <= MOST_RULES_PRINTED);
    }
    draw();
  };

  const listen = () => {
    let waiting;
    q.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(() => { filter(); keep(); }, count > 5000 ? 150 : 0); });
    [sev, ...boxes, ...picks].forEach(e => e.addEventListener('input', () => { filter(); keep(); }));
    group.addEventListener('input', () => { enter(); draw(); keep(); });
    by('print').addEventListener('click', () => window.print());
    for (const th of table.tHead.rows[0].cells) {
      const button = make('button', th.textContent, {type: 'button'});
      th.replaceChildren(button);
      button.addEventListener('click', async () => {
        // Two columns are sorted by their texts.
        if (loaded < count && ['Resource', 'Message'].includes(th.textContent)) await allRead;
        sorted = [th.textContent, !(sorted?.[0] === th.textContent && sorted[1])];
        sort();
        enter();
        draw();
        keep();
      });
    }
    addEventListener('beforeprint', () => print(true));
    addEventListener('afterprint', () => print(false));
    addEventListener('hashchange', async () => {
      if (late()) await allRead;
      arrive();
    });
  };

  const unpack = async element => {
    const text = element.textContent.trim();
    const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), c => c.charCodeAt(0));
    return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text());
  };
  // The texts come in pieces, after what the table is chosen and grouped by: what is drawn before they are there is drawn again.
  let tell;
  const allRead = new Promise(done => { tell = done; });
  const next = async () => {
    const part = await unpack(parts.shift());
    for (const column of ['key', 'resource', 'message']) for (const one of part[column]) d[column].push(one);
    Object.assign(d.events, part.events);
    Object.assign(d.timelines, part.timelines);
    loaded = d.key.length;
    blank = blank.filter(([i, tr]) => {
      if (tr.isConnected && i < loaded) tr.replaceWith(row(i));
      return tr.isConnected;
    });
    if (parts.length === 0) tell();
  };
  const start = async () => {
    d = Object.assign(await unpack(by('data')), {key: [], resource: [], message: [], events: {}, timelines: {}});
    count = d.count;
    parts = [...document.querySelectorAll('script.texts')];
    if (parts.length === 1) await next();
    texts = new Array(count);
    match = new Array(count).fill(false);
    const places = new Map(), accounts = [], regions = [];
    sizes = [];
    home = d.rule.map((rule, i) => {
      const name = rule + ' ' + d.looks[d.look[i]].s;
      let g = places.get(name);
      if (g === undefined) {
        places.set(name, g = sizes.length);
        sizes.push({count: 0, severity: 0});
        accounts.push(new Set());
        regions.push(new Set());
      }
      sizes[g].count++;
      sizes[g].severity = Math.max(sizes[g].severity, d.severity[i]);
      accounts[g].add(d.account[i]);
      regions[g].add(d.region[i]);
      return g;
    });
    sizes.forEach((size, g) => { size.accounts = accounts[g].size; size.regions = regions[g].size; });
    listen();
    document.querySelectorAll('.unscripted').forEach(e => e.remove());
    sort();
    filter();
    while (parts.length > 0 && (blank.length > 0 || late())) await next();
    if (late()) arrive();
    document.documentElement.dataset.ready = '';
    performance.mark('ready');
    while (parts.length > 0) await next();
    document.documentElement.dataset.whole = '';
    performance.mark('whole');
    // The first search need not wait for this.
    let at = 0;
    const ahead = deadline => {
      while (at < count && deadline.timeRemaining() > 2) text(at++);
      if (at < count) requestIdleCallback(ahead);
    };
    if (self.requestIdleCallback) requestIdleCallback(ahead);
  };
  if (self.DecompressionStream) {
    // Browsers that do not know whether scripts are on (Chromium before 120) show the filters now.
    document.querySelector('.filters').classList.add('on');
    if (matchMedia('(max-width:700px)').matches) by('picks').open = false;
    requestAnimationFrame(() => setTimeout(start));
  } else {
    document.querySelectorAll('.unscripted').forEach(e => e.classList.remove('unscripted'));
  }
  // What is not about findings need not wait for them.
  if (!late()) arrive();
})();
