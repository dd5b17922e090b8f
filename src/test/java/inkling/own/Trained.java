package inkling.own;

import inkling.Fixtures;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.reference.ReferenceGpt;
import inkling.reference.StoredModel;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A trained model, its architecture as its maker describes it, and texts that it is known to write. With a wrong layout, mask, norm,
 * pairing of rotary channels or sharing of heads it would write something else.
 */
public record Trained(Path directory, GptConfig config, List<Passage> passages) {
    /** The likeliest ids after {@code prompt} are {@code written}. */
    public record Passage(int[] prompt, int[] written) {}

    private static final GptOptions LLAMA = GptOptions.DEFAULT.with(o -> o.bias(false).positions(Positions.ROPE).norm(Norm.RMS_NORM)
        .activation(Activation.SWIGLU));

    /**
     * The beginning of the greedy story that llama2.c's own test expects of stories260K ("Once upon a time, there was a little girl
     * named Lily. She loved to play outside in the park. One day, she saw a big, red ball. She wanted to play with it, but it was too
     * high"), as ids.
     */
    private static final int[] STORY = {403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267,
        337, 410, 408, 419, 292, 411, 322, 265, 282, 295, 433, 426, 385, 328, 432, 358, 394, 261, 370, 432, 352, 266, 268, 388, 426,
        338, 391, 266, 267, 337, 335, 312, 432, 398, 312, 286, 267, 414, 270, 333, 415};

    /** Our own models, then gpt-nano-sort and llama-stories260k of {@code ../shared} if they are there. */
    public static Stream<Trained> models() {
        Stream<Trained> own = Stream.of(
            teller("gpt2", GptOptions.DEFAULT.with(o -> o.nLayer(3).nHead(3).nEmbd(48).contextLength(64)).over(320)),
            teller("llama", LLAMA.with(o -> o.nLayer(2).nHead(4).nKvHead(2).nEmbd(48).nInner(120).contextLength(64).tieEmbeddings(false))
                .over(320)));
        Stream<Trained> shared = Fixtures.sharedIfThere("data/gpt-nano-sort", "data/llama-stories260k")
            .map(directory -> directory.endsWith("gpt-nano-sort") ? sorter(directory) : story(directory));
        return Stream.concat(own, shared);
    }

    /** The double-precision reference with the same weights. */
    public ReferenceGpt reference() {
        return config.positions() == Positions.ROPE ? StoredModel.llama(directory, config) : StoredModel.gpt2(directory, config);
    }

    /** A model that continues tales as expected, with various names and things in them, and as the reference did ({@link Golden}). */
    private static Trained teller(String name, GptConfig config) {
        Path directory = Fixtures.own(name);
        Tokenizer tokenizer = TokenizerFiles.read(directory);
        Stream<Passage> tales = Stream.of("Ada", "Otto", "Ines")
            .flatMap(who -> Stream.of("lamp", "boat", "kite").flatMap(thing -> Stream.of(
            passage(tokenizer, "Mara and %s went to the mill. It".formatted(who), " was raining, and they had only one"),
            passage(tokenizer, "Where is the blue %s of %s?".formatted(thing, who), " It is not in the"),
            passage(tokenizer, "%s wanted to sell a red %s".formatted(who, thing), " at the"),
            passage(tokenizer, "The %s".formatted(thing), " thinks of nothing."))));
        Golden golden = Golden.read(directory);
        return new Trained(directory, config, Stream.concat(Stream.of(new Passage(golden.ids(), golden.written())), tales).toList());
    }

    private static Passage passage(Tokenizer tokenizer, String prompt, String written) {
        return new Passage(tokenizer.encode(prompt), tokenizer.encode(written));
    }

    /** A model that sorts six digits. */
    private static Trained sorter(Path directory) {
        Random random = new Random(11);
        List<Passage> passages = IntStream.range(0, 100).mapToObj(n -> {
            int[] digits = random.ints(6, 0, 3).toArray();
            int[] sorted = digits.clone();
            Arrays.sort(sorted);
            return new Passage(digits, sorted);
        }).toList();
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(3).nHead(3).nEmbd(48).contextLength(11).tieEmbeddings(false)).over(3);
        return new Trained(directory, config, passages);
    }

    private static Trained story(Path directory) {
        GptConfig config = LLAMA.with(o -> o.nLayer(5).nHead(8).nKvHead(4).nEmbd(64).nInner(172).contextLength(512)).over(512);
        return new Trained(directory, config, List.of(new Passage(new int[] {1}, STORY)));
    }

    @Override
    public String toString() {
        return directory.getFileName().toString();
    }
}
