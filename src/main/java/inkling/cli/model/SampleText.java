package inkling.cli.model;

import inkling.errors.Printable;
import inkling.generate.Generation;
import inkling.generate.Generator;
import java.util.Arrays;

/** Prints the text of each sample, or its ids if there is no tokenizer. */
final class SampleText implements Generator.Listener {
    private final int samples;
    private final PromptEcho echo;
    private final SamplesInOrder inOrder = new SamplesInOrder();

    SampleText(int samples, PromptEcho echo) {
        this.samples = samples;
        this.echo = echo;
    }

    @Override
    public void text(int sample, String text) {
        inOrder.say(sample, echo.before(sample) + Printable.text(text));
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        String last = echo.before(sample) + (result.text().isEmpty() ? Arrays.toString(result.ids()) : "");
        inOrder.end(sample, String.format(sample + 1 < samples ? "%s%n---%n" : "%s%n", last));
    }
}
