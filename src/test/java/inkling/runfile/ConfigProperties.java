package inkling.runfile;

import static inkling.runfile.ConfigCases.FULL;
import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import inkling.data.source.DataConfig;
import inkling.data.source.DataConfig.Validation;
import inkling.errors.ConfigException;
import inkling.optim.AdamWConfig;
import inkling.optim.Schedule;
import inkling.train.EvalBatches;
import inkling.train.KeepCheckpoints;
import inkling.train.SampleConfig;
import inkling.train.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("thorough")
class ConfigProperties {
    private static final List<String> VALUES = List.of("null", "true", "0", "-1", "1", "3", "0.5", "1e400", ".nan", "\"\"", "''", "[]",
        "{}", "[[]]", "all",
        "auto", "rope", "none", "{type: char}", "{type: constant}", "{type: llama3}", "{type: []}", "!!int 3", "&a b", "*a",
        "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "2147483647", "-2147483648", "4.9e-324", "1.7976931348623157e308", "\"\\0\"",
        "|", ">", "? a", "- a",
        "\uD83D\uDE00", "%", "@", "`");
    private static final String LETTERS = " \n\t:,[]{}#&*!|>'\"%@`-?0123456789abcxyz_.~\\\r\u0000\u0085\u2028\uFEFF\uD800\u00e4";

    @Property(tries = 600)
    void aMutatedRunFileBuildsOrIsRefusedInWords(@ForAll @IntRange(max = 7) int which, @ForAll long seed,
                                                      @ForAll @IntRange(min = 1, max = 4) int edits) {
        Random random = new Random(seed);
        String yaml = FULL.get(which);
        for (int i = 0; i < edits; i++) {
            yaml = random.nextInt(3) == 0 ? letter(yaml, random) : line(yaml, random);
        }
        RunConfig config;
        try {
            config = ConfigFile.parse(yaml, "x.yaml", List.of());
        } catch (ConfigException e) {
            assertFalse(e.getMessage().isBlank());
            e.getMessage().lines().forEach(line -> assertEquals(0, line.indexOf("x.yaml"), line));
            return;
        }
        assertEquals(config, ConfigFile.parse(config.toYaml(), "config.yaml", List.of()));
    }

    @Property(tries = 300)
    void anySetOptionBuildsOrIsRefusedInWords(@ForAll String key, @ForAll long seed) {
        Random random = new Random(seed);
        String path = random.nextBoolean() ? key : "model." + List.of("n_head", "rope", "rope.scaling.factor", "init_from",
            "norm_eps").get(random.nextInt(5));
        try {
            parse(SHORTEST, path + "=" + VALUES.get(random.nextInt(VALUES.size())));
        } catch (ConfigException e) {
            assertFalse(e.getMessage().isBlank());
        }
    }

    @Property(tries = 300)
    void whatIsWrittenReadsBackEqual(@ForAll long seed, @ForAll("unicode") String prompt, @ForAll("unicode") String path) {
        Random random = new Random(seed);
        double beta = random.nextDouble();
        double rate = Math.scalb(0.5 + random.nextDouble() / 2, random.nextInt(1800) - 900);
        RunConfig base = parse(SHORTEST);
        DataConfig data = new DataConfig(List.of("p" + path, "q"), base.data().format(), new Validation.Text("v" + path),
            base.data().tokenizer(),
            base.data().order());
        TrainConfig train = new TrainConfig(random.nextLong() & Long.MAX_VALUE | 1, Optional.of(rate), 1, Optional.of(5), 1, true, 1, 1,
            new EvalBatches.All(), 1, new KeepCheckpoints.All(), List.of(0L, seed & Long.MAX_VALUE | 1),
            Optional.of(new SampleConfig(3, prompt, 5)), Optional.of(2));
        RunConfig config = new RunConfig(base.name(), seed, base.device(), new RunConfig.Threads.Count(2), base.precision(), data,
            base.model(),
            base.finetune(), new AdamWConfig(beta, beta, rate, rate, rate), new Schedule.Constant(rate, 3), train,
            new ClusterConfig(3, 7, new ClusterConfig.Nesterov(rate, beta), ClusterConfig.Deltas.FLOAT16));
        assertEquals(config, ConfigFile.parse(config.toYaml(), "config.yaml", List.of()));
    }

    @Provide
    Arbitrary<String> unicode() {
        return Arbitraries.strings().withChars("\n\t\r\u0000\u001b\u0085\u2028\uFEFF\uFFFE '\"\\#:-").withCharRange(' ',
            '\u00ff').ofMaxLength(12)
            .map(s -> s + "\uD83D\uDE00").injectDuplicates(0.1);
    }

    private static String letter(String yaml, Random random) {
        int at = random.nextInt(yaml.length());
        String letter = LETTERS.substring(random.nextInt(LETTERS.length())).substring(0, 1);
        return yaml.substring(0, at) + (random.nextBoolean() ? letter : "") + yaml.substring(at + random.nextInt(2));
    }

    private static String line(String yaml, Random random) {
        List<String> lines = new ArrayList<>(yaml.lines().toList());
        if (lines.isEmpty()) {
            return "a";
        }
        int at = random.nextInt(lines.size());
        switch (random.nextInt(4)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size()), lines.get(at));
            case 2 -> lines.set(at, lines.get(at).stripLeading());
            default -> lines.set(at, lines.get(at).replaceFirst(":.*", ": ") + VALUES.get(random.nextInt(VALUES.size())));
        }
        return lines.isEmpty() ? "a" : String.join("\n", lines);
    }
}
