#include "reports/escape.hpp"
#include "reports/format.hpp"
#include "reports/numbers.hpp"
#include "reports/text_table.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace ticketbench {
namespace {

using Lines = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(text)

// Each side of each step, where a wrong comparison would print "1000" or "60m00s".
BOOST_AUTO_TEST_CASE(numbers_keep_three_digits) {
  BOOST_TEST(with_prefix(0) == "0");
  BOOST_TEST(with_prefix(0.5) == "0.50");
  BOOST_TEST(with_prefix(999) == "999");
  BOOST_TEST(with_prefix(999.5) == "1.00 k");
  BOOST_TEST(with_prefix(9994) == "9.99 k");
  BOOST_TEST(with_prefix(9996) == "10.0 k");
  BOOST_TEST(with_prefix(99960) == "100 k");
  BOOST_TEST(with_prefix(999499) == "999 k");
  BOOST_TEST(with_prefix(40.8e6) == "40.8 M");
  BOOST_TEST(with_prefix(48.9e12) == "48.9 T");
  BOOST_TEST(with_prefix(5e21) == "5000 E");
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(1000) == "1,000");
  BOOST_TEST(grouped(-123456) == "-123,456");
  BOOST_TEST(grouped(11689512) == "11,689,512");
}

BOOST_AUTO_TEST_CASE(durations_have_two_units) {
  BOOST_TEST(duration(0) == "0.0 s");
  BOOST_TEST(duration(59.94) == "59.9 s");
  BOOST_TEST(duration(59.96) == "1m00s");
  BOOST_TEST(duration(723) == "12m03s");
  BOOST_TEST(duration(3599.4) == "59m59s");
  BOOST_TEST(duration(3599.6) == "1h00m");
  BOOST_TEST(duration(86399) == "1d00h");
  BOOST_TEST(duration(273600) == "3d04h");
}

// A difference that rounds to nothing has no sign, and one run no deviation.
BOOST_AUTO_TEST_CASE(means_come_with_their_deviation) {
  BOOST_TEST(plus_minus({.mean = 91.304, .sample_std = 0.12, .n = 3}) == "91.30 ± 0.12");
  BOOST_TEST(plus_minus({.mean = 91.304, .n = 1}) == "91.30");
  BOOST_TEST(plus_minus({.mean = 0.5, .n = 1}, 2, true) == "+0.50");
  BOOST_TEST(plus_minus({.mean = -0.5, .n = 1}, 2, true) == "-0.50");
  BOOST_TEST(plus_minus({.mean = -0.001, .n = 1}, 2, true) == "0.00");
  BOOST_TEST(plus_minus({.mean = 0.001, .n = 1}, 2, true) == "0.00");
}

// The ends must be there after thinning, and a flat line must not divide by zero.
BOOST_AUTO_TEST_CASE(sparklines_span_the_range) {
  BOOST_TEST(sparkline(std::vector<double>{}) == "");
  BOOST_TEST(sparkline(std::vector<double>{5, 5}) == "▁▁");
  BOOST_TEST(sparkline(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}) == "▁▂▃▄▅▆▇█");
  BOOST_TEST(sparkline(std::vector<double>{0, 1, 1, 1, 1, 1, 1, 0}, 2) == "▁▁");
  BOOST_TEST(sparkline(std::vector<double>{-1.5e308, 1.5e308}) == "▁▁");
}

// é has two bytes and one column, 界 three bytes and two columns.
BOOST_AUTO_TEST_CASE(width_is_what_a_terminal_shows) {
  BOOST_TEST(display_width("") == 0U);
  BOOST_TEST(display_width("abc") == 3U);
  BOOST_TEST(display_width("±é×") == 3U);
  BOOST_TEST(display_width("世界") == 4U);
}

BOOST_AUTO_TEST_CASE(lines_break_at_spaces_and_never_inside_a_character) {
  BOOST_TEST(wrap("", 10) == Lines{""}, boost::test_tools::per_element());
  BOOST_TEST(wrap("one two three", 7) == (Lines{"one two", "three"}),
             boost::test_tools::per_element());
  BOOST_TEST(wrap("abcdefgh", 3) == (Lines{"abc", "def", "gh"}), boost::test_tools::per_element());
  BOOST_TEST(wrap("ééééé", 2) == (Lines{"éé", "éé", "é"}), boost::test_tools::per_element());
  BOOST_TEST(wrap("a 世界世界", 4) == (Lines{"a", "世界", "世界"}),
             boost::test_tools::per_element());
}

// The third column is empty and must vanish; the second must give way, and only as far as needed.
BOOST_AUTO_TEST_CASE(tables_are_aligned_and_fit) {
  TextTable table({{.header = "n", .right = true},
                   {.header = "name", .shrinks = true},
                   {.header = "empty"},
                   {.header = "last"}});
  table.add_row({"1", "± one", "", "x"});
  table.add_gap();
  table.add_row({"100", "a name of many words", "", "y"});
  BOOST_TEST(table.render(100) ==
             "  n  name                  last\n"
             "───────────────────────────────\n"
             "  1  ± one                 x\n"
             "\n"
             "100  a name of many words  y\n");
  BOOST_TEST(table.render(25) ==
             "  n  name            last\n"
             "─────────────────────────\n"
             "  1  ± one           x\n"
             "\n"
             "100  a name of many  y\n"
             "     words\n");
  BOOST_CHECK_THROW(table.add_row({"1"}), std::invalid_argument);
}

// ESC starts a terminal's commands, U+202E turns the rest of the line around.
BOOST_AUTO_TEST_CASE(control_characters_become_visible) {
  BOOST_TEST(printable("a\x1b[31mb\x7f") == "a\\x1b[31mb\\x7f");
  BOOST_TEST(printable("a\nb\tc") == "a b c");
  BOOST_TEST(printable("x\u202Ey\u0085z") == "x\\u202ey\\x85z");
  BOOST_TEST(printable("é界😀") == "é界😀");
  BOOST_TEST(printable(std::string("\0", 1)) == "\\x00");
  BOOST_TEST(printable("\xe7").size() == 1U);
}

BOOST_AUTO_TEST_CASE(each_format_has_its_own_escape) {
  BOOST_TEST(escape_html("<a href=\"x\" b='y'>&</a>\x1b") ==
             "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&lt;/a&gt;\\x1b");
  BOOST_TEST(escape_markdown("a|b `c` *d* ![e](f) <g> & \\h\ni @j #1") ==
             "a\\|b \\`c\\` \\*d\\* !\\[e\\](f) &lt;g\\> &amp; \\\\h i \\@j \\#1");
  BOOST_TEST(escape_shell("suites/a_b-1.json") == "suites/a_b-1.json");
  BOOST_TEST(escape_shell("it's $x") == "'it'\\''s $x'");
  BOOST_TEST(escape_shell("") == "''");
  BOOST_TEST(escape_github("50 %\n::stop::a,b") == "50 %25 ::stop::a,b");
  BOOST_TEST(escape_github_property("50 %::a,b") == "50 %25%3A%3Aa%2Cb");
  BOOST_TEST(escape_csv("plain text") == "plain text");
  BOOST_TEST(escape_csv("a,b") == "\"a,b\"");
  BOOST_TEST(escape_csv("say \"x\"\nand\x1b") == "\"say \"\"x\"\" and\\x1b\"");
  for (const char* formula : {"=cmd()", "+1", "-1", "@x"}) {
    BOOST_TEST(escape_csv(formula) == std::string("'") + formula);
  }
  BOOST_TEST(escape_csv("=a,\"b\"") == "\"'=a,\"\"b\"\"\"");
}

// A backslash that survives starts a command, "%" hides the rest of a line with its end, "--" is a
// dash, and "[" after a line's "\\\\" would be its argument. A
// character that no font has stops pdfLaTeX.
BOOST_AUTO_TEST_CASE(nothing_in_latex_is_a_command) {
  BOOST_TEST(escape_latex("\\input{/etc/passwd}") == "\\textbackslash{}input\\{/etc/passwd\\}");
  BOOST_TEST(escape_latex("50% of $x_1^2$ & #~") ==
             "50\\% of \\$x\\_1\\textasciicircum{}2\\$ \\& \\#\\textasciitilde{}");
  BOOST_TEST(escape_latex("[a] --* \"`") == "{[}a{]} -{}-{*} \\symbol{34}\\symbol{96}");
  BOOST_TEST(escape_latex("91.30 ± 0.12 ≤ 2×") == "91.30 $\\pm$ 0.12 $\\le$ 2$\\times$");
  BOOST_TEST(escape_latex("é 世\x1b\n") == "é \\texttt{U+4E16}\\textbackslash{}x1b ");
}

BOOST_AUTO_TEST_CASE(a_format_has_a_name) {
  BOOST_TEST((parse_format("md") == Format::markdown));
  BOOST_CHECK_EXCEPTION(parse_format("pdf"), std::invalid_argument, [](const auto& error) {
    return std::string(error.what()) ==
           "found the format \"pdf\", expected one of text, md, html, csv, json, latex";
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ticketbench
