package inkling.inspect.page;

import java.util.List;

/**
 * A page that links the views of a model for one prompt. Each view has a card, which folds out to show the view's command. Views that could
 * not be made are listed below, each with the reason and a command.
 */
public final class IndexPage {
    /**
     * A view.
     *
     * @param title plain text
     * @param says what the view shows, or why it was not made; plain text
     * @param file name of the view's page, beside the index; "" if it was not made
     * @param command the command that makes this view alone, plain text. For a view that was not made, the command may have another
     *     prompt, e.g. a shorter one, so that it succeeds
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
        .views details { color: var(--soft); font-size: 0.8125rem; }
        .views summary { cursor: pointer; }
        .not-made dt { font-weight: 600; }
        .not-made dd { margin: 0 0 0.8rem; }
        code { color: var(--soft); display: block; font: 0.75rem/1.5 var(--fixed); overflow-wrap: anywhere; }
        blockquote { border-left: 3px solid var(--data-soft); font: 1.0625rem/1.5 var(--prose); margin: 0 0 1.5rem; overflow-wrap: anywhere;
          padding-left: 1rem; white-space: pre-wrap; }
        """;

    private IndexPage() {}

    /** The page, as text; to be written in UTF-8. @param model the model's name; name and prompt are plain text */
    public static String html(String model, String prompt, List<Entry> entries) {
        StringBuilder made = new StringBuilder("<ul class=\"views\">\n");
        StringBuilder missing = new StringBuilder();
        for (Entry entry : entries) {
            String title = HtmlPage.escape(entry.title());
            String says = HtmlPage.escape(entry.says());
            String code = "<code>" + HtmlPage.escape(entry.command()) + "</code>";
            if (entry.file().isEmpty()) {
                missing.append("<dt>").append(title).append("</dt>\n<dd>").append(says).append(code).append("</dd>\n");
            } else {
                made.append("<li><h2><a href=\"").append(HtmlPage.escape(entry.file())).append("\">").append(title)
                    .append("</a></h2>\n<p>").append(says)
                    .append("</p>\n<details><summary>The command of this page</summary>").append(code).append("</details></li>\n");
            }
        }
        return new HtmlPage("Views of the model " + model,
            "What this model does with one prompt, seen from several sides. Each view is a page of its own.").style(STYLE)
            .body("<blockquote>" + HtmlPage.escape(prompt) + "</blockquote>").body(made.append("</ul>").toString())
            .body(missing.isEmpty() ? "" : "<h2>Not made</h2>\n<dl class=\"not-made\">\n" + missing + "</dl>").render();
    }
}
