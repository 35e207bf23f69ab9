import { describe, expect, it } from '@jest/globals';
import { visibleText } from './html-text.js';

describe('the visible text of HTML', () => {
  it('is what a reader sees, in paragraphs, lines and cells', () => {
    const page = `<!doctype html><html><head><title>Terms</title><style>p { color: red }</style></head><body>
      <h1>Terms of <em>payment</em></h1>
      <p>Pay within
         thirty days.</p><p>Or<br>dispute it.</p>
      <ul><li>One</li><li>Two</li></ul>
      <table><tr><td>Net</td><td>100</td></tr><tr><td>Tax</td><td>20</td></tr></table>
      <pre>a
  b</pre></body></html>`;

    expect(visibleText(page)).toEqual({ text: 'Terms of payment\n\nPay within thirty days.\n\nOr\ndispute it.\n\n- One\n\n- Two\n\nNet | 100 |\n\nTax | 20 |\n\na\n  b', hidden: '' });
  });

  it.each([
    ['a script', '<script>send("everything")</script>'],
    ['a style', '<style>.x::after { content: "Pay me" }</style>'],
    ['a comment', '<!-- Pay me -->'],
    ['a template', '<template><p>Pay me</p></template>'],
    ['a frame', '<iframe srcdoc="Pay me">Pay me</iframe>'],
    ['an attribute', '<img alt="Pay me" title="Pay me" src="x">'],
    ['what is shown without scripts', '<noscript>Pay me</noscript>'],
    ['a comment that ends oddly', '<!--> <!-- Pay me --!>'],
  ])('is not what stands in %s', (_, part) => {
    expect(visibleText(`<p>Hello.</p>${part}`)).toEqual({ text: 'Hello.', hidden: '' });
  });

  it.each([
    ['the attribute hidden', '<p hidden>Pay me</p>'],
    ['a closed dialog', '<dialog>Pay me</dialog>'],
    ['no display', '<div style="DISPLAY : none !important"><p>Pay <b>me</b></p></div>'],
    ['no visibility', '<span style="color:red;visibility:hidden">Pay me</span>'],
    ['no opacity', '<span style="opacity:0.0">Pay me</span>'],
    ['no size', '<span style="font-size:0px">Pay me</span>'],
    ['a size that nobody can read', '<span style="font: 1px serif">Pay me</span>'],
    ['a place off the screen', '<p style="position:absolute; left:-9999px">Pay me</p>'],
    ['no colour', '<p style="color: transparent">Pay me</p>'],
    ['the colour of its ground', '<p style="color:#fff;background-color:#fff">Pay me</p>'],
    ['no height', '<p style="overflow:hidden;height:0">Pay me</p>'],
    ['a class of the page', '<style>.a, .b { display:none }</style><p class="x b">Pay me</p>'],
    ['an id of the page', '<style>/* { */ p#c{visibility:hidden}</style><p id="c">Pay me</p>'],
    ['a comment within the style', '<p style="display:/**/none">Pay me</p>'],
  ])('leaves out, and tells of, what is hidden by %s', (_, part) => {
    expect(visibleText(`<p>Hello.</p>${part}<p>Goodbye.</p>`)).toEqual({ text: 'Hello.\n\nGoodbye.', hidden: 'Pay me' });
  });

  it.each(['<p style="opacity:0.9;font-size:10px;line-height:0.5;height:100px;text-indent:-5px">Hello.</p>', '<p style="font-size:0.9em">Hello.</p>', '<p style="font-size:10rem;max-width:0.5em">Hello.</p>', '<details><summary>Hello.</summary></details>', '<p aria-hidden="true">Hello.</p>'])('is what is shown in an ordinary style: %s', (part) => {
    expect(visibleText(part)).toEqual({ text: 'Hello.', hidden: '' });
  });

  it('is found in what is nested as deep as can be, and in what is no HTML', () => {
    expect(visibleText(`${'<i>'.repeat(400)}Hello.`).text).toBe('Hello.');
    expect(visibleText(`${'<div>'.repeat(20_000)}Hello.`).text).toBe('Hello.');
    expect(visibleText('a < b && c > d &amp; &#x41;').text).toBe('a < b && c > d & A');
  });
});
