package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PageOption;
import inkling.cli.option.PrecisionOption;
import inkling.cli.option.PromptOptions;
import inkling.cli.option.SamplingOptionsMixin;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.generate.Generation;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.generate.batch.DraftSession;
import inkling.inspect.page.TranscriptPage;
import inkling.run.LoadedModel;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sample MODEL --prompt T}. */
@Command(name = "sample", description = "Continue a prompt, token by token.",
    footer = {"", "Example:", "  inkling sample checkpoints/dickens --prompt \"It was\" --temperature 0.8 --show-distribution 5"})
public final class SampleCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Mixin
    SamplingOptionsMixin sampling;

    @Option(names = "--samples", paramLabel = "N", defaultValue = "1", description = "how many continuations; up to 64 are generated"
        + " at a time, fewer if their attention keys and values would take more than 512 MiB; default ${DEFAULT-VALUE}")
    int samples;

    @Option(names = "--show-distribution", paramLabel = "N", defaultValue = "0",
        description = "show the N likeliest candidates for every token")
    int showDistribution;

    @Mixin
    PrecisionOption precision;

    @Option(names = "--draft", paramLabel = "MODEL",
        description = "a smaller model with the same tokenizer: it proposes tokens, and MODEL checks several at once. At temperature 0 the"
            + " text is the same as without --draft, unless two logits differ only by rounding; at other temperatures"
            + " it has the same distribution as without --draft. stderr says how many proposed tokens were taken")
    String draft;

    @Mixin
    PageOption page;

    @Option(names = "--no-echo", description = "print what the model adds, without the prompt before it")
    boolean noEcho;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    private Optional<DraftSession.Acceptance> acceptance = Optional.empty();

    @Override
    public Integer call() {
        SamplingOptions options = sampling.options(samples, showDistribution);
        try (LoadedModel loaded = model.open(precision.storage())) {
            Generator.Listener printing = json ? Generator.Listener.NONE
                : options.showDistribution() > 0 ? new SampleBars(loaded.tokenText(), echo(loaded))
                : new SampleText(options.samples(), echo(loaded));
            TranscriptPage transcript = new TranscriptPage(model.name(), options, loaded.tokenizer());
            Generator.Listener listener = page.asked() ? printing.and(transcript) : printing;
            if (!json) {
                Console.err().println("seed " + options.seed());
            }
            Generation generation = draft != null ? generateWithDraft(loaded, options, listener) : generate(loaded, options, listener);
            generation.notice().ifPresent(Console.err()::println);
            if (page.asked()) {
                page.write(transcript.html());
            }
            if (json) {
                Map<String, Object> document = generation.json();
                acceptance.ifPresent(accepted -> document.put("draft",
                    Map.of("drafted", accepted.drafted(), "taken", accepted.taken(), "rate", accepted.rate())));
                Json.print(document);
            }
            return 0;
        }
    }

    private Generation generate(LoadedModel loaded, SamplingOptions options, Generator.Listener listener) {
        try (GenerationSession session = loaded.openSession()) {
            return prompt.ids().isPresent() ? session.generate(prompt.ids().get(), options, listener)
                : session.generate(prompt.text(), options, listener);
        }
    }

    private Generation generateWithDraft(LoadedModel loaded, SamplingOptions options, Generator.Listener listener) {
        try (LoadedModel small = model.open(draft, loaded.context()); DraftSession session = loaded.openDraft(small)) {
            Generation generation = prompt.ids().isPresent() ? session.generate(prompt.ids().get(), options, listener, () -> false)
                : session.generate(prompt.text(), options, listener, () -> false);
            DraftSession.Acceptance accepted = session.acceptance();
            acceptance = Optional.of(accepted);
            Console.err().println(String.format(Locale.ROOT, "draft: %,d of %,d tokens taken (%.0f %%)", accepted.taken(),
                accepted.drafted(), 100 * accepted.rate()));
            return generation;
        }
    }

    private PromptEcho echo(LoadedModel loaded) {
        return new PromptEcho(() -> noEcho ? "" : prompt.ids().isEmpty() ? prompt.text()
            : loaded.tokenizer().map(tokenizer -> tokenizer.decode(prompt.ids().get())).orElse(""));
    }
}
