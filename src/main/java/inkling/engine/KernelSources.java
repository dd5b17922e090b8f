package inkling.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The source text of the kernels: one TorchScript file for each theme. libtorch compiles all kernels as methods of one class, so a kernel
 * can call any other as {@code self.name(…)}. In an error message, libtorch names a line of that class. {@link #located} replaces this line
 * by the line of the kernel's file.
 */
final class KernelSources {
    /** The file with the matrix product on a CPU, for a libtorch with oneDNN. */
    static final String PRODUCT_ONEDNN = "product_onednn.py";

    /** The file with the matrix product on a CPU, for a libtorch without oneDNN. */
    static final String PRODUCT_PLAIN = "product_plain.py";

    private static final List<String> THEMES = List.of("nn.py", "short.py", "bf16.py", "attention.py", "loss.py", "grad.py", "decode.py",
        "optim.py");
    private static final List<String> HEAD = List.of("class Kernels(Module):", "  __parameters__ = []", "  __buffers__ = []",
        "  training : bool");
    private static final Pattern PLACE = Pattern.compile("File \"code/__torch__\\.py\", line (\\d+)");

    private static final String REASON = "\nRuntimeError: "; // of a failed call: libtorch gives it after the traceback

    private final List<String> lines = new ArrayList<>();  // of the class
    private final List<String> places = new ArrayList<>(); // for each of these lines, its place: file:line

    /** A file's name and text. The kernels in it are functions whose first argument is {@code self}. */
    record Source(String name, String text) {
        static Source shipped(String name) {
            return new Source(name, TorchScriptArchive.resource("/inkling/engine/kernels/" + name));
        }
    }

    KernelSources(List<Source> sources) {
        for (String line : HEAD) {
            add(line, "the class's head");
        }
        for (Source source : sources) {
            int number = 1;
            for (String line : source.text().split("\n")) {
                add("  " + line, "kernels/%s:%d".formatted(source.name(), number++));
            }
        }
    }

    private void add(String line, String place) {
        lines.add(line);
        places.add(place);
    }

    /** All of Inkling's kernels; {@code product} is {@link #PRODUCT_ONEDNN} or {@link #PRODUCT_PLAIN}. */
    static KernelSources shipped(String product) {
        return new KernelSources(Stream.concat(THEMES.stream(), Stream.of(product)).map(Source::shipped).toList());
    }

    /** The class that libtorch compiles. */
    String code() {
        return String.join("\n", lines) + "\n";
    }

    /**
     * libtorch's message with the reason first. Each line number of the class becomes the kernel's file and line: {@code kernels/nn.py:12}.
     */
    String located(String message) {
        String located = PLACE.matcher(message).replaceAll(place -> Matcher.quoteReplacement(place(place.group(1)))).strip();
        int reason = located.lastIndexOf(REASON);
        return reason < 0 ? located : located.substring(reason + REASON.length()) + "\n" + located.substring(0, reason).strip();
    }

    /** The places that a message names, in its order. The innermost call is first if compiling failed, and last if a call failed. */
    List<String> placesIn(String message) {
        return PLACE.matcher(message).results().map(place -> place(place.group(1))).toList();
    }

    private String place(String number) {
        int line = Integer.parseInt(number);
        return line <= places.size() ? places.get(line - 1) : "the kernels' end";
    }
}
