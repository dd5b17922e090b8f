package inkling.inspect.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.errors.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One self-contained HTML file: light and dark, printable, without network access. Its Content-Security-Policy forbids every request, and
 * allows only the scripts that were added through {@link #script}, by their SHA-256. So text of a model or corpus is never executed.
 *
 * <pre>{@code
 * String html = new HtmlPage("Attention", "Who looks at whom.")
 *     .style(HtmlPage.resource("attention.css"))
 *     .body("<p>" + HtmlPage.escape(textOfTheModel) + "</p>")
 *     .data("heads", Map.of("weights", weights))          // in the script: inkling.data('heads').weights
 *     .module("attention.js")
 *     .script("drawAttention(document, inkling.data('heads'));")
 *     .render();
 * }</pre>
 *
 * <p>Colours are CSS variables (see page.css): {@code --learned} for weights, greys for activations, {@code --accent} for the selected
 * element.
 */
public final class HtmlPage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern IMPORT = Pattern.compile("(?m)^import [^;]*'\\./([a-z-]+\\.js)';\n");
    private static final Pattern EXPORT = Pattern.compile("(?m)^export (?=const |function |class )");

    private final String title;
    private final String lead;
    private final StringBuilder body = new StringBuilder();
    private final List<String> styles = new ArrayList<>(List.of(resource("page.css")));
    private final List<String> scripts = new ArrayList<>();
    private final Set<String> modules = new HashSet<>();
    private final Map<String, String> data = new LinkedHashMap<>();

    /** @param title plain text, of the tab and the heading
     * @param lead plain text that says what the page shows */
    public HtmlPage(String title, String lead) {
        this.title = title;
        this.lead = lead;
        module("page.js");
    }

    /** Adds a style sheet after the shared one. */
    public HtmlPage style(String css) {
        styles.add(css);
        return this;
    }

    /** Adds markup to the page's main part. Text of a user, model or corpus must have been passed through {@link #escape}. */
    public HtmlPage body(String html) {
        body.append(html).append('\n');
        return this;
    }

    /** Embeds a value (anything Jackson writes) that scripts read as {@code inkling.data(id)}. */
    public HtmlPage data(String id, Object value) {
        if (!id.matches("[a-z][a-z0-9-]*") || data.putIfAbsent(id, json(value)) != null) {
            throw new IllegalArgumentException("data id '%s' must be new and match [a-z][a-z0-9-]*".formatted(id));
        }
        return this;
    }

    /**
     * Adds a script that lies beside this class, after the scripts that it imports; a script is added only once. Some of these scripts are
     * ES modules, which the server's pages import. In a page of one file, all scripts stand one after the other, without {@code import} and
     * {@code export}.
     */
    public HtmlPage module(String name) {
        if (!modules.add(name)) {
            return this;
        }
        String js = resource(name);
        IMPORT.matcher(js).results().forEach(line -> module(line.group(1)));
        return script(EXPORT.matcher(IMPORT.matcher(js).replaceAll("")).replaceAll(""));
    }

    /** Adds a script. It stands after the markup and the data of the page, and may use {@code inkling.…} of page.js. */
    public HtmlPage script(String js) {
        if (js.contains("</script") || js.contains("<!--")) {
            throw new IllegalArgumentException("a script must not contain </script or <!--");
        }
        scripts.add(js);
        return this;
    }

    /** The whole file, UTF-8. */
    public String render() {
        String hashes = scripts.stream().map(js -> " 'sha256-" + sha256("\n" + js) + "'").collect(Collectors.joining());
        StringBuilder html = new StringBuilder(body.length() + 65_536);
        html.append("""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src%s">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="Inkling">
            <title>%s</title>
            """.formatted(hashes, escape(title)));
        styles.forEach(css -> html.append("<style>\n").append(css).append("</style>\n"));
        html.append("""
            </head>
            <body>
            <header class="page-head">
            <button type="button" id="theme" class="quiet" hidden>Theme: auto</button>
            <h1>%s</h1>
            <p class="lead">%s</p>
            <noscript><p class="note">The pictures of this page need JavaScript, which is switched off here.</p></noscript>
            </header>
            <main>
            """.formatted(escape(title), escape(lead)));
        html.append(body).append("</main>\n");
        data.forEach((id, json) ->
            html.append("<script type=\"application/json\" id=\"data-").append(id).append("\">").append(json).append("</script>\n"));
        scripts.forEach(js -> html.append("<script>\n").append(js).append("</script>\n"));
        return html.append("</body>\n</html>\n").toString();
    }

    /**
     * Turns plain text into HTML text or an attribute value. Bidirectional marks, and control characters other than newline and tab, become
     * visible.
     */
    public static String escape(String text) {
        return Printable.text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            .replace("\"", "&quot;").replace("'", "&#39;");
    }

    /** A number for people to read: a hyphen at its beginning becomes a minus sign. The hyphen of an exponent, {@code 3e-6}, stays. */
    static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value).replaceFirst("^-", "−");
    }

    /** JSON that is safe inside a script element: nothing in the text ends the element or is forbidden in HTML. */
    static String json(Object value) {
        String plain;
        try {
            plain = JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
        StringBuilder out = new StringBuilder(plain.length() + 64);
        plain.chars().forEach(c -> {
            if (c == '<' || c >= 0x7F && c < 0xA0 || c >= 0xD800 && c <= 0xDFFF || c >= 0x2028 && c <= 0x2029 || c >= 0xFDD0 && c <= 0xFDEF
                || c >= 0xFFFE) {
                out.append("\\u%04x".formatted(c));
            } else {
                out.append((char) c);
            }
        });
        return out.toString();
    }

    /** The text of a style sheet, script or piece of markup that lies beside this class on the class path. */
    public static String resource(String name) {
        try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name + " beside " + HtmlPage.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String text) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
