// What the page does beyond showing its tables: draws the charts, filters and sorts the rows.
'use strict';

(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const rows = all('tr[data-method]');
  const switchedOff = new Set();  // methods
  const charts = [];

  // What needs a script is hidden without one.
  all('[data-script]').forEach((element) => { element.hidden = false; });

  // --- charts --------------------------------------------------------------------------------------------------------

  function useTheme() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    Chart.defaults.color = colour('--soft');
    Chart.defaults.borderColor = colour('--line');
    Chart.defaults.elements.line.borderColor = colour('--soft');
    charts.forEach(({chart}) => chart.update());
  }

  function open(id) {
    location.hash = id;
    const details = byId(id).querySelector('details');
    details.open = true;
    details.querySelector('summary').focus({preventScroll: true});
  }

  function draw({id, config}) {
    config.options.plugins.tooltip = {
      filter: (item) => item.raw.words,
      callbacks: {title: () => '', label: (item) => item.raw.words},
    };
    config.options.onClick = (event, [element], chart) => {
      const point = element && chart.data.datasets[element.datasetIndex].data[element.index];
      if (point && point.row) open(point.row);
    };
    const full = config.data.datasets.map((dataset) => dataset.data);
    charts.push({chart: new Chart(byId(id), config), full});
  }

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  useTheme();
  JSON.parse(byId('charts').textContent).forEach(draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', useTheme);

  // --- filter --------------------------------------------------------------------------------------------------------

  function filter() {
    const words = byId('filter-text').value.toLowerCase().split(/\s+/);
    const seeds = Number(byId('filter-seeds').value);
    const front = byId('filter-front').checked;
    const shown = new Set();
    for (const row of rows) {
      const text = row.dataset.words;
      row.hidden = switchedOff.has(row.dataset.method) || Number(row.dataset.seeds) < seeds ||
          (front && !row.dataset.front) || !words.every((word) => text.includes(word));
      if (!row.hidden) shown.add(row.id);
    }
    byId('filter-count').textContent = `${shown.size} of ${rows.length} rows`;
    for (const {chart, full} of charts) {
      chart.data.datasets.forEach((dataset, i) => {
        dataset.data = full[i].filter((point) => !point.row || shown.has(point.row));
        dataset.hidden = switchedOff.has(dataset.method) ||
            (dataset.rows && !dataset.rows.some((row) => shown.has(row)));
      });
      chart.update();
    }
  }

  function show(method, on) {
    if (on) switchedOff.delete(method); else switchedOff.add(method);
    all('.legend button[data-method]').filter((button) => button.dataset.method === method)
        .forEach((button) => button.setAttribute('aria-pressed', on));
  }

  byId('filter').addEventListener('input', filter);
  all('.legend button').forEach((button) => button.addEventListener('click', () => {
    const {method, every} = button.dataset;
    if (method) {
      show(method, switchedOff.has(method));
    } else {
      rows.forEach((row) => show(row.dataset.method, every === 'on'));
    }
    filter();
  }));
  filter();

  // --- sorting -------------------------------------------------------------------------------------------------------

  function sort(table, column, ascending) {
    const key = (row) => {
      const cell = row.cells[column];
      return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
    };
    const order = (a, b) => (typeof a === 'number' ? a - b : a.localeCompare(b, 'en'));
    const body = table.tBodies[0];
    // What has no value stays below.
    const empty = (row) => row.cells[column].textContent === '' && row.cells[column].dataset.value === undefined;
    const sorted = [...body.rows].filter((row) => !empty(row)).sort((a, b) => order(key(a), key(b)));
    if (!ascending) sorted.reverse();
    body.append(...sorted, ...[...body.rows].filter(empty));
    table.classList.toggle('sorted', column > 0);
    [...table.tHead.rows[0].cells].forEach((cell, i) => {
      if (i === column) {
        cell.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
      } else {
        cell.removeAttribute('aria-sort');
      }
    });
  }

  all('table[data-sortable]').forEach((table) => [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = cell.textContent;
    button.addEventListener('click', () => sort(table, column, cell.getAttribute('aria-sort') !== 'ascending'));
    cell.replaceChildren(button);
  }));
})();
