package inkling.inspect.page;

import java.util.List;

/** A page that links the views of a model for one prompt. For a view that was not made, it shows the command that makes it. */
public final class IndexPage {
    /**
     * A view.
     *
     * @param title plain text
     * @param says what the view shows, one sentence, plain text
     * @param file name of the view's page, beside the index; "" if it was not made
     * @param command the command that makes this view alone, plain text
     */
    public record Entry(String title, String says, String file, String command) {}

    private static final String STYLE = """
        .views { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); list-style: none; \
        margin: 0;
          padding: 0; }
        .views li { background: var(--raised); border: 1px solid var(--line); border-radius: 12px; padding: 0.9rem 1.2rem; }
        .views h2 { margin: 0; }
        .views a { color: var(--accent); }
        .views p { margin: 0.3rem 0; }
        .views code { color: var(--soft); display: block; font: 0.75rem/1.5 var(--fixed); overflow-wrap: anywhere; }
        blockquote { border-left: 3px solid var(--data-soft); font: 1.0625rem/1.5 var(--prose); margin: 0 0 1.5rem; overflow-wrap: anywhere;
          padding-left: 1rem; white-space: pre-wrap; }
        """;

    private IndexPage() {}

    /** The page, UTF-8. @param model its name, plain text; the prompt is plain text, too */
    public static String html(String model, String prompt, List<Entry> entries) {
        StringBuilder list = new StringBuilder("<ul class=\"views\">\n");
        for (Entry entry : entries) {
            String title = HtmlPage.escape(entry.title());
            list.append("<li><h2>").append(entry.file().isEmpty() ? title
                : "<a href=\"%s\">%s</a>".formatted(HtmlPage.escape(entry.file()), title)).append("</h2>\n<p>")
                .append(HtmlPage.escape(entry.says())).append("</p>\n<code>").append(HtmlPage.escape(entry.command()))
                .append("</code></li>\n");
        }
        return new HtmlPage("Views of " + model,
            "What this model does with one prompt, seen from several sides. Each page stands alone; below its name is the command that"
            + " makes it again.").style(STYLE)
            .body("<blockquote>" + HtmlPage.escape(prompt) + "</blockquote>").body(list.append("</ul>").toString()).render();
    }
}
