package inkling.cli;

import inkling.io.Printable;
import inkling.run.LoadedModel;
import inkling.sample.Generation;
import inkling.sample.Generator;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sample MODEL --prompt T}. */
@Command(name = "sample", description = "Continue a prompt, token by token.",
    footer = {"", "Example:", "  inkling sample checkpoints/dickens --prompt \"It was\" --temperature 0.8 --show-distribution 5"})
final class SampleCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Mixin
    SamplingOptionsMixin sampling;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Override
    public Integer call() {
        var options = sampling.options();
        try (LoadedModel loaded = model.open()) {
            Generator.Listener listener = json ? Generator.Listener.NONE : new Streaming(options.samples());
            Generator generator = loaded.generator();
            if (!json) {
                Console.err().println("seed " + options.seed());
            }
            Generation generation = prompt.ids().isPresent() ? generator.generate(prompt.ids().get(), options, listener)
                : generator.generate(prompt.text(), options, listener);
            generation.notice().ifPresent(Console.err()::println);
            if (json) {
                Json.print(generation.json());
            }
            return 0;
        }
    }

    /** Prints each sample as it comes: the prompt, then the text; ids where there is no tokenizer. */
    private final class Streaming implements Generator.Listener {
        private final int samples;

        Streaming(int samples) {
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
                Console.out().print(java.util.Arrays.toString(result.ids()));
            }
            Console.out().println(sample + 1 < samples ? "\n---" : "");
        }
    }
}
