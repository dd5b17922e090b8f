package inkling.cli;

import inkling.io.Printable;
import inkling.sample.Generation;
import inkling.sample.Generator;
import java.util.Arrays;

/** Prints each sample as it comes: the prompt, then the text; ids where there is no tokenizer. */
final class SampleText implements Generator.Listener {
    private final int samples;

    SampleText(int samples) {
        this.samples = samples;
    }

    @Override
    public void text(int sample, String text) {
        Console.out().print(Printable.text(text));
        Console.out().flush();
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        if (result.text().isEmpty()) {
            Console.out().print(Arrays.toString(result.ids()));
        }
        Console.out().println(sample + 1 < samples ? "\n---" : "");
    }
}
