package inkling.cli.view;

import inkling.cli.option.PageOption;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a view is shown: as text in the terminal, as a page with {@code --html}, as a document with {@code --json}. */
final class ViewOutput {
    @Mixin
    PageOption page;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    /** Shows the page, the document or both, as asked for; the text if neither was asked for. Returns the exit code. */
    int show(Supplier<String> html, Supplier<Map<String, Object>> document, Supplier<String> text) {
        if (page.asked()) {
            page.write(html.get());
        }
        if (json) {
            Json.print(document.get());
        } else if (!page.asked()) {
            Console.out().print(text.get());
        }
        return 0;
    }
}
