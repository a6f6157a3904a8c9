/* The core modules of Mustache's specification, case by case (https://github.com/mustache/spec): interpolation, sections, inverted sections,
 * comments, partials, delimiters. What differs: a partial that there is not is an error. */
#include "unit.h"

#include <json-c/json.h>

#include "view.h"

struct spec {
	const char *what, *template;
	const char *data; /* JSON, in single quotes, which json-c takes as well */
	const char *expected;
};

/* with the text of {{>part}} */
struct partial_spec {
	struct spec spec;
	const char *partial;
};

static char *
rendered(struct arena *arena, const struct spec *spec, const char *partial)
{
	const struct view_source sources[] = {{"main", "main.mustache", spec->template, strlen(spec->template)},
	                                      {"part", "part.mustache", partial, strlen(partial)},
	                                      {"other", "other.mustache", "*{{c}}*", 7}};
	const struct view_setup setup = {.sources = sources, .sources_count = COUNT_OF(sources), .variants = 1};
	struct buffer out = buffer_in(arena);
	struct view_data *data = view_data(arena);
	struct json_object *json = json_tokener_parse(spec->data);
	char *error = view_compile(&setup, "");

	if (error != NULL)
		fail_msg("%s: %s", spec->what, error);
	json_object_object_foreach(json, key, value) view_json(data, key, value);
	view_render(&out, "main", 0, data);
	json_object_put(json);
	return arena_copy(arena, out.length > 0 ? out.data : "", out.length);
}

static void
check(const struct spec *spec, const char *partial)
{
	struct arena *arena = arena_new();
	const char *text = rendered(arena, spec, partial);

	if (strcmp(text, spec->expected) != 0)
		fail_msg("%s: \"%s\" became \"%s\", not \"%s\"", spec->what, spec->template, text, spec->expected);
	arena_free(arena);
}

TEST(interpolation)
{
	static const struct spec specs[] = {
	    {"no tag", "{ plain } text\n", "{}", "{ plain } text\n"},
	    {"a name", "Dear {{who}}!\n", "{'who':'Ada'}", "Dear Ada!\n"},
	    {"a value is no template", "{{a}}: {{b}}", "{'a':'{{b}}','b':2}", "{{b}}: 2"},
	    {"escaped", "{{a}}", "{'a':'<b> & \"c\" \\u0027d\\u0027'}", "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"},
	    {"three braces", "{{{a}}}", "{'a':'<b> & \"c\"'}", "<b> & \"c\""},
	    {"ampersand", "{{&a}}", "{'a':'<b> & \"c\"'}", "<b> & \"c\""},
	    {"integer", "{{n}} {{{n}}} {{&n}}", "{'n':85}", "85 85 85"},
	    {"decimal", "{{n}} {{{n}}} {{&n}}", "{'n':1.21}", "1.21 1.21 1.21"},
	    {"boolean", "{{n}} {{{m}}}", "{'n':true,'m':false}", "true false"},
	    {"null", "({{n}}{{{n}}}{{&n}})", "{'n':null}", "()"},
	    {"not there", "({{n}}{{{n}}}{{&n}})", "{}", "()"},
	    {"an object is no text", "({{n}}{{m}})", "{'n':{'a':1},'m':[1]}", "()"},

	    {"dotted", "{{a.b}} {{#a}}{{b}}{{/a}}", "{'a':{'b':'x'}}", "x x"},
	    {"dotted with three braces", "{{{a.b}}}", "{'a':{'b':'<'}}", "<"},
	    {"dotted with ampersand", "{{&a.b}}", "{'a':{'b':'<'}}", "<"},
	    {"dotted, deep", "{{a.b.c.d.e}}", "{'a':{'b':{'c':{'d':{'e':7}}}}}", "7"},
	    {"a chain that breaks", "({{a.b.c}})", "{'a':{}}", "()"},
	    {"a chain that breaks is not mended outside", "({{a.b.c}})", "{'a':{'b':{}},'c':1}", "()"},
	    {"a chain through a text breaks", "({{a.b.c}})", "{'a':{'b':'x'}}", "()"},
	    {"the first part is looked up as any name", "{{#a}}{{b.c}}{{/a}}", "{'a':{'x':{}},'b':{'c':'y'}}", "y"},
	    {"the first part found decides", "({{#a}}{{b.c}}{{/a}})", "{'a':{'b':{}},'b':{'c':'no'}}", "()"},
	    {"a key with a dot is not found", "({{a.b}})", "{'a.b':1}", "()"},
	    {"a key with a dot does not hide", "{{a.b}}", "{'a.b':1,'a':{'b':2}}", "2"},
	    {"null hides what is outside", "({{#a}}{{b}}{{/a}})", "{'a':{'b':null},'b':1}", "()"},

	    {"the item itself", "{{#a}}{{.}} {{{.}}} {{&.}};{{/a}}", "{'a':['<',5]}", "&lt; < <;5 5 5;"},
	    {"the text itself", "{{#a}}{{.}}{{/a}}", "{'a':'x'}", "x"},

	    {"text around", "| {{a}} {{{a}}} {{&a}} |", "{'a':'-'}", "| - - - |"},
	    {"alone on its line", "  {{a}}\n  {{{a}}}\n  {{&a}}\n", "{'a':'-'}", "  -\n  -\n  -\n"},
	    {"spaces within", "|{{ a }}|{{{ a }}}|{{& a }}|{{ & a }}|{{\n\ta\r\n}}|", "{'a':'-'}", "|-|-|-|-|-|"},
	};

	for (size_t i = 0; i < COUNT_OF(specs); i++)
		check(&specs[i], "");
}

TEST(sections)
{
	static const struct spec specs[] = {
	    {"true", "({{#a}}yes{{/a}})", "{'a':true}", "(yes)"},
	    {"false", "({{#a}}yes{{/a}})", "{'a':false}", "()"},
	    {"null", "({{#a}}yes{{/a}})", "{'a':null}", "()"},
	    {"zero and an empty text", "({{#a}}yes{{/a}}{{#b}}yes{{/b}}{{#c}}yes{{/c}})", "{'a':0,'b':'','c':0.0}",
	     "()"},
	    {"numbers and texts", "({{#a}}a{{/a}}{{#b}}b{{/b}}{{#c}}c{{/c}})", "{'a':-1,'b':'0','c':0.5}", "(abc)"},
	    {"not there", "({{#a}}yes{{/a}})", "{}", "()"},
	    {"an object is a context", "{{#a}}Hi {{b}}.{{/a}}", "{'a':{'b':'Ada'}}", "Hi Ada."},
	    {"an empty object is true", "{{#a}}yes{{/a}}", "{'a':{}}", "yes"},
	    {"outer contexts", "{{#s}}{{a}}, {{b}}, {{c.d}}{{/s}}", "{'a':1,'b':2,'s':{'b':3},'c':{'d':4}}", "1, 3, 4"},
	    {"a text is a context", "{{#a}}{{.}} is {{a}}{{/a}}", "{'a':'x'}", "x is x"},
	    {"lists find what is outside", "{{#t}}{{#m}}{{n}}{{#b}}{{n}}{{o}}{{/b}};{{/m}}{{/t}}",
	     "{'t':{'n':'T','m':[{'n':'U','b':[{'o':1},{'o':2}]},{'b':[{'o':3}]}]}}", "UU1U2;TT3;"},
	    {"deeply nested contexts",
	     "{{#a}}{{one}}{{#b}}{{one}}{{two}}{{#c.d}}{{one}}{{two}}{{three}}{{#e}}{{one}}{{two}}{{three}}{{4}}"
	     "{{/e}}{{/c.d}}{{two}}{{/b}}{{one}}{{/a}}",
	     "{'a':{'one':1},'b':{'two':2},'c':{'d':{'three':3,'e':{'4':4}}}}", "112123123421"},
	    {"a list", "{{#a}}{{b}}{{/a}}", "{'a':[{'b':1},{'b':2},{'b':3}]}", "123"},
	    {"an empty list", "({{#a}}yes{{/a}})", "{'a':[]}", "()"},
	    {"twice", "{{#a}}\n* one\n{{/a}}\n* {{b}}\n{{#a}}\n* three\n{{/a}}\n", "{'a':true,'b':'two'}",
	     "* one\n* two\n* three\n"},
	    {"within itself, true", "| A {{#a}}B {{#a}}C{{/a}} D{{/a}} E |", "{'a':true}", "| A B C D E |"},
	    {"within itself, false", "| A {{#a}}B {{#a}}C{{/a}} D{{/a}} E |", "{'a':false}", "| A  E |"},
	    {"items that are values", "{{#a}}({{.}}){{/a}}", "{'a':['x',1,1.5,true,null,false]}",
	     "(x)(1)(1.5)(true)()(false)"},
	    {"items that are lists", "{{#a}}({{#.}}{{.}}{{/.}}){{/a}}", "{'a':[[1,2],['x'],[]]}", "(12)(x)()"},
	    {"items that are objects, of a nameless list", "{{#a}}{{#.}}{{b}}{{/.}}{{/a}}", "{'a':[[{'b':1},{'b':2}]]}",
	     "12"},
	    {"dotted", "({{#a.b.c}}yes{{/a.b.c}})", "{'a':{'b':{'c':true}}}", "(yes)"},
	    {"dotted and false", "({{#a.b.c}}yes{{/a.b.c}})", "{'a':{'b':{'c':false}}}", "()"},
	    {"dotted and broken", "({{#a.b.c}}yes{{/a.b.c}})", "{'a':{}}", "()"},

	    {"text around", " | {{#a}}\t|\t{{/a}} | \n", "{'a':true}", " | \t|\t | \n"},
	    {"line ends within", " | {{#a}} {{! comment }}\n {{/a}} | \n", "{'a':true}", " |  \n  | \n"},
	    {"inline, indented", " {{#a}}YES{{/a}}\n {{#a}}NO{{/a}}\n", "{'a':true}", " YES\n NO\n"},
	    {"alone on lines", "| This\n{{#a}}\n| That\n{{/a}}\n| End\n", "{'a':true}", "| This\n| That\n| End\n"},
	    {"alone on indented lines", "| This\n  {{#a}}  \n| That\n\t{{/a}}\t\n| End\n", "{'a':true}",
	     "| This\n| That\n| End\n"},
	    {"alone, with CR LF", "|\r\n{{#a}}\r\n{{/a}}\r\n|", "{'a':true}", "|\r\n|"},
	    {"alone on the first line", "  {{#a}}\n#{{/a}}\n/", "{'a':true}", "#\n/"},
	    {"alone on the last line", "#{{#a}}\n/\n  {{/a}}", "{'a':true}", "#\n/\n"},
	    {"two are not alone", " {{#a}} {{/a}} \n", "{'a':true}", "   \n"},
	    {"spaces within", "|{{# a }}={{/ a\t}}|", "{'a':true}", "|=|"},
	};

	for (size_t i = 0; i < COUNT_OF(specs); i++)
		check(&specs[i], "");
}

TEST(inverted_sections)
{
	static const struct spec specs[] = {
	    {"false", "({{^a}}yes{{/a}})", "{'a':false}", "(yes)"},
	    {"true", "({{^a}}yes{{/a}})", "{'a':true}", "()"},
	    {"null", "({{^a}}yes{{/a}})", "{'a':null}", "(yes)"},
	    {"not there", "({{^a}}yes{{/a}})", "{}", "(yes)"},
	    {"an object", "({{^a}}yes{{/a}})", "{'a':{'b':1}}", "()"},
	    {"a list", "({{^a}}yes{{/a}})", "{'a':[{'b':1}]}", "()"},
	    {"an empty list", "({{^a}}yes{{/a}})", "{'a':[]}", "(yes)"},
	    {"a list of what is false", "({{^a}}yes{{/a}})", "{'a':[false]}", "()"},
	    {"the context stays", "({{#o}}{{^a}}{{b}}{{/a}}{{/o}})", "{'o':{'b':1}}", "(1)"},
	    {"twice", "{{^a}}\n* one\n{{/a}}\n* {{b}}\n{{^a}}\n* three\n{{/a}}\n", "{'a':false,'b':'two'}",
	     "* one\n* two\n* three\n"},
	    {"within itself, false", "| A {{^a}}B {{^a}}C{{/a}} D{{/a}} E |", "{'a':false}", "| A B C D E |"},
	    {"within itself, true", "| A {{^a}}B {{^a}}C{{/a}} D{{/a}} E |", "{'a':true}", "| A  E |"},
	    {"dotted and true", "({{^a.b.c}}yes{{/a.b.c}})", "{'a':{'b':{'c':true}}}", "()"},
	    {"dotted and false", "({{^a.b.c}}yes{{/a.b.c}})", "{'a':{'b':{'c':false}}}", "(yes)"},
	    {"dotted and broken", "({{^a.b.c}}yes{{/a.b.c}})", "{'a':{}}", "(yes)"},

	    {"text around", " | {{^a}}\t|\t{{/a}} | \n", "{}", " | \t|\t | \n"},
	    {"line ends within", " | {{^a}} {{! comment }}\n {{/a}} | \n", "{}", " |  \n  | \n"},
	    {"inline, indented", " {{^a}}NO{{/a}}\n {{^a}}WAY{{/a}}\n", "{}", " NO\n WAY\n"},
	    {"alone on lines", "| This\n{{^a}}\n| That\n{{/a}}\n| End\n", "{}", "| This\n| That\n| End\n"},
	    {"alone on indented lines", "| This\n  {{^a}}\n| That\n  {{/a}}\n| End\n", "{}", "| This\n| That\n| End\n"},
	    {"alone, with CR LF", "|\r\n{{^a}}\r\n{{/a}}\r\n|", "{}", "|\r\n|"},
	    {"alone on the first line", "  {{^a}}\n^{{/a}}\n/", "{}", "^\n/"},
	    {"alone on the last line", "^{{^a}}\n/\n  {{/a}}", "{}", "^\n/\n"},
	    {"spaces within", "|{{^ a }}={{/ a }}|", "{}", "|=|"},
	};

	for (size_t i = 0; i < COUNT_OF(specs); i++)
		check(&specs[i], "");
}

TEST(comments)
{
	static const struct spec specs[] = {
	    {"inline", "12{{! a comment }}34", "{}", "1234"},
	    {"of several lines", "12{{!\n  a\n  comment\n}}34\n", "{}", "1234\n"},
	    {"alone on its line", "Begin\n{{! a }}\nEnd\n", "{}", "Begin\nEnd\n"},
	    {"alone on an indented line", "Begin\n  {{! a }}\t\nEnd\n", "{}", "Begin\nEnd\n"},
	    {"alone, with CR LF", "|\r\n{{! a }}\r\n|", "{}", "|\r\n|"},
	    {"alone on the first line", "  {{! a }}\n!", "{}", "!"},
	    {"alone on the last line", "!\n  {{! a }}", "{}", "!\n"},
	    {"alone on several lines", "Begin\n{{!\na\n}}\nEnd\n", "{}", "Begin\nEnd\n"},
	    {"alone on several indented lines", "Begin\n  {{!\n    a\n  }}\nEnd\n", "{}", "Begin\nEnd\n"},
	    {"inline, indented", "  12 {{! 34 }}\n", "{}", "  12 \n"},
	    {"text around", "12 {{! a }} 34", "{}", "12  34"},
	    {"no name", "({{! a }}{{!a}}{{!#a}})", "{'a':1,'! a':2,'!a':3}", "()"},
	};

	for (size_t i = 0; i < COUNT_OF(specs); i++)
		check(&specs[i], "");
}

TEST(partials)
{
	static const struct partial_spec specs[] = {
	    {{"a partial", "\"{{>part}}\"", "{}", "\"from partial\""}, "from partial"},
	    {{"the context goes with it", "\"{{>part}}\"", "{'t':'x'}", "\"*x*\""}, "*{{t}}*"},
	    {{"within itself", "{{>part}}", "{'c':'X','n':[{'c':'Y','n':[]}]}", "X<Y<>>"},
	     "{{c}}<{{#n}}{{>part}}{{/n}}>"},
	    {{"within another", "{{>part}}", "{'c':'x'}", "(*x*)"}, "({{>other}})"},
	    {{"text around", "| {{>part}} |", "{}", "| \t|\t |"}, "\t|\t"},
	    {{"inline has no indentation", "  {{a}}  {{> part}}\n", "{'a':'|'}", "  |  >\n>\n"}, ">\n>"},
	    {{"alone, with CR LF", "|\r\n{{>part}}\r\n|", "{}", "|\r\n>|"}, ">"},
	    {{"alone on the first line", "  {{>part}}\n>", "{}", "  >\n  >>"}, ">\n>"},
	    {{"alone on the last line", ">\n  {{>part}}", "{}", ">\n  >\n  >"}, ">\n>"},
	    {{"each line of the template is indented", "\\\n {{>part}}\n/\n", "{'c':'<\\n->'}",
	      "\\\n |\n <\n->\n |\n/\n"},
	     "|\n{{{c}}}\n|\n"},
	    {{"an empty line is not", "\t{{>part}}\n", "{}", "\ta\n\n\tb\n\r\n"}, "a\n\nb\n\r\n"},
	    {{"lines that sections begin and end", "  {{>part}}\n", "{'a':[1,2]}", "  (1\n  )(2\n  );\n"},
	     "{{#a}}({{.}}\n){{/a}};\n"},
	    {{"lines in sections", "  {{>part}}\n", "{'a':[1,2]}", "  <ul>\n    1\n    2\n  </ul>\n"},
	     "<ul>\n{{#a}}\n  {{.}}\n{{/a}}\n</ul>\n"},
	    {{"indentations add up", "  {{#c}}\n  {{>part}}\n  {{/c}}\n", "{'c':1}", "  a\n  \t*1*  b\n"},
	     "a\n\t{{>other}}\nb\n"},
	    {{"within itself, indented", " {{>part}}\n", "{'v':1,'n':{'v':2,'n':{'v':3,'n':null}}}",
	      " 1\n   2\n     3\n"},
	     "{{v}}\n{{#n}}\n  {{>part}}\n{{/n}}\n"},
	    {{"delimiters do not go with it", "{{>part}}{{=| |=}}|>part|", "{'a':1}", ".1..1."}, ".{{a}}."},
	    {{"delimiters do not come from it", "{{>part}}.{{a}}.|a|.", "{'a':1}", "1.1.|a|."}, "{{=| |=}}|a|"},
	    {{"spaces within", "|{{> part }}|", "{}", "|[]|"}, "[]"},
	};

	for (size_t i = 0; i < COUNT_OF(specs); i++)
		check(&specs[i].spec, specs[i].partial);
}

TEST(delimiters)
{
	static const struct spec specs[] = {
	    {"a pair", "{{=<% %>=}}(<%a%>)", "{'a':'x'}", "(x)"},
	    {"one character each", "({{=[ ]=}}[a])", "{'a':'x'}", "(x)"},
	    {"all tags have them", "{{=| |=}}|#a|-|.||/a||^b|-|/b||!c||&d||{d}|{{d}}", "{'a':1,'d':'<'}", "-1-<<{{d}}"},
	    {"sections", "[{{#a}}{{b}}|b|{{/a}}{{=| |=}}|#a|{{b}}|b||/a|]", "{'a':true,'b':'x'}", "[x|b|{{b}}x]"},
	    {"inverted sections", "[{{^a}}{{b}}|b|{{/a}}{{=| |=}}|^a|{{b}}|b||/a|]", "{'b':'x'}", "[x|b|{{b}}x]"},
	    {"set within a section, they stay", "{{#a}}{{=| |=}}|/a||b|", "{'a':true,'b':'x'}", "x"},
	    {"and back", "{{=<< >>=}}<<a>><<={{ }}=>>{{a}}<<a>>", "{'a':1}", "11<<a>>"},
	    {"text around", "| {{=@ @=}} |", "{}", "|  |"},
	    {"line ends", " | {{=@ @=}}\n", "{}", " | \n"},
	    {"alone on its line", "Begin\n{{=@ @=}}\nEnd\n", "{}", "Begin\nEnd\n"},
	    {"alone on an indented line", "Begin\n  {{=@ @=}}\nEnd\n", "{}", "Begin\nEnd\n"},
	    {"alone, with CR LF", "|\r\n{{=@ @=}}\r\n|", "{}", "|\r\n|"},
	    {"alone on the first line", "  {{=@ @=}}\n=", "{}", "="},
	    {"alone on the last line", "=\n  {{=@ @=}}", "{}", "=\n"},
	    {"spaces within", "|{{= @   @ =}}|@a@", "{'a':1}", "||1"},
	};

	for (size_t i = 0; i < COUNT_OF(specs); i++)
		check(&specs[i], "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(interpolation), cmocka_unit_test(sections), cmocka_unit_test(inverted_sections),
	    cmocka_unit_test(comments),      cmocka_unit_test(partials), cmocka_unit_test(delimiters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
