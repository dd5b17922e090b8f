package inkling.compat;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.engine.ComputeContext;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.formats.family.GenerationSettings;
import inkling.io.gguf.GgufType;
import inkling.model.Gpt;
import inkling.model.config.GptOptions;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The models to compare: those of the core's tests, random ones of every family, and one with a tokenizer of characters. If
 * {@code ../shared} has models, these are compared, too.
 */
record Subjects(List<Subject> all) {
    private static final List<String> TEXTS = List.of("The cat sat on the mat.", " leading blank", "  two", "trailing  ", "1234 5 67890",
        "don't we'll I'M", "tab\tand\n\nnew lines\r\n", "é 漢字 😊 ß Ω", "snake_case(camelCase) != 3.14;", "<|endoftext|>");
    /** The text for trained models. They predict such a text with more certainty than random ids. */
    private static final String STORY = "Once upon a time there was an old woman who lived by the sea. The cat had a hat.";
    private static final double EXACT = 1e-4;
    /**
     * The bound for trained models with GELU, which ggml looks up in a table of 16-bit numbers. The bound for models of random weights, and
     * for our small gpt2, is twice this.
     */
    private static final double GELU_TABLE = 4e-3;

    Subjects(NDManager manager, ComputeContext context) throws IOException {
        this(make(manager, context));
    }

    private static List<Subject> make(NDManager manager, ComputeContext context) throws IOException {
        Tokenizer words = TokenizerFiles.read(Needs.own("gpt2"));
        List<Subject> all = new ArrayList<>();
        for (String model : List.of("gpt2", "llama")) {
            all.add(directory("own " + model, Needs.own(model), Optional.empty(), context,
                model.equals("gpt2") ? 2 * GELU_TABLE : EXACT));
        }
        for (String family : FamilyModels.CONFIGS.keySet()) {
            double bound = family.matches("gpt.*|gemma.*") ? 2 * GELU_TABLE : EXACT;
            all.add(new Subject("random " + family, FamilyModels.make(family, manager), beside(words), TEXTS, ids(20, 320), bound));
        }
        all.add(characters(manager));
        shared(all, context);
        return all;
    }

    private static Subject characters(NDManager manager) {
        Tokenizer tokenizer = CharTokenizer.fit("The quick brown fox\njumps: 'over' the lazy dog; é 漢 😊 \\x41 \t\r");
        Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(32).contextLength(64)).over(tokenizer.vocabSize()),
            manager, 3);
        gpt.parameters().arrays().stream().filter(p -> p.getShape().dimension() == 2).forEach(p -> p.muli(8));
        return new Subject("characters", gpt, beside(tokenizer), List.of("fox\njumps", "é 漢 😊", "\\x41", "the  dog; '", "\t\r\n"),
            ids(20, tokenizer.vocabSize()), GELU_TABLE);
    }

    private static Beside beside(Tokenizer tokenizer) {
        return new Beside(Optional.of(tokenizer), GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty());
    }

    private static Subject directory(String name, Path path, Optional<Path> tokenizer, ComputeContext context, double bound) {
        LoadedModel loaded = LoadedModel.open(ModelLocation.of(path, Optional.empty()), tokenizer, context);
        int[] text = loaded.requireTokenizer("the test").encode(STORY);
        return new Subject(name, loaded.gpt(), loaded.beside(), TEXTS, Arrays.copyOf(text, 24), bound);
    }

    private static void shared(List<Subject> all, ComputeContext context) throws IOException {
        Path families = Needs.ROOT.resolve("../shared/data/families");
        if (!Files.isDirectory(families)) {
            System.out.println("left out: ../shared/data/families is not there");
            return;
        }
        List<Path> fixtures;
        try (var list = Files.list(families)) {
            fixtures = list.filter(path -> Files.exists(path.resolve("logits.json"))).sorted().toList();
        }
        for (Path fixture : fixtures) {
            String name = fixture.getFileName().toString();
            double bound = name.matches("neox.*|gemma.*") ? GELU_TABLE : EXACT;
            JsonNode ids = new ObjectMapper().readTree(fixture.resolve("logits.json").toFile()).at("/prompts/0/ids");
            LoadedModel loaded = LoadedModel.open(ModelLocation.of(fixture, Optional.empty()), Optional.of(Needs.own("gpt2")), context);
            all.add(new Subject("fixture " + name, loaded.gpt(), loaded.beside(), TEXTS,
                IntStream.range(0, ids.size()).map(i -> ids.get(i).intValue()).toArray(), bound));
        }
        all.add(directory("dickens-gpt2", Needs.ROOT.resolve("../shared/pretrained/dickens-gpt2"), Optional.empty(), context, GELU_TABLE));
        all.add(directory("stories260k", Needs.ROOT.resolve("../shared/data/llama-stories260k"),
            Optional.of(families.resolve("stories260k-tokenizer")), context, EXACT));
    }

    /** Trained models are exported in all types. For the others one type is enough, to check the names and the order of weights. */
    static List<GgufType> types(Subject subject) {
        return subject.name().matches("own.*|dickens.*|stories.*") ? List.of(GgufType.values()) : List.of(GgufType.F32);
    }

    /** Ids that are spread over the whole vocabulary. */
    private static int[] ids(int length, int vocabulary) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> (i * 7919 + 13) % vocabulary);
        return ids;
    }
}
