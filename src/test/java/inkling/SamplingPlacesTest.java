package inkling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.cli.option.SamplingOptionsMixin;
import inkling.errors.ConfigException;
import inkling.generate.Sampler;
import inkling.generate.SamplingField;
import inkling.generate.SamplingOptions;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Each setting of {@link SamplingField} exists in every place where a user can give settings. The server's and the chat's fields need no
 * test here, since they are made from that list.
 */
class SamplingPlacesTest {
    /** Components of {@link SamplingOptions} that {@link SamplingField} leaves out: they are no number, or shape no distribution. */
    private static final Set<String> OTHERS = Set.of("maxTokens", "stop", "seed", "samples", "ignoreEos", "showDistribution", "logitBias",
        "outputPenalty");

    @Test void theListHasEveryOtherOption() {
        List<String> shaping = Arrays.stream(SamplingOptions.class.getRecordComponents()).map(RecordComponent::getName)
            .filter(name -> !OTHERS.contains(name)).map(name -> name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT)).toList();
        assertEquals(shaping, Arrays.stream(SamplingField.values()).map(SamplingField::key).toList());
    }

    @ParameterizedTest
    @EnumSource
    void aFieldReadsWhatItSetsAndRefusesWhatLiesBeyondItsBounds(SamplingField field) {
        double some = field.isWhole() ? 3 : 0.25;
        SamplingOptions set = field.with(SamplingOptions.DEFAULT, some);
        assertEquals(some, field.of(set));
        assertEquals(some, field.parse(field.text(some)));
        List<Double> others = Arrays.stream(SamplingField.values()).filter(other -> other != field).map(other -> other.of(set)).toList();
        assertEquals(Arrays.stream(SamplingField.values()).filter(other -> other != field).map(o -> o.of(SamplingOptions.DEFAULT)).toList(),
            others);
        for (double beyond : new double[] {field.least() - 1, field.most() + 1}) {
            ConfigException fault = assertThrows(ConfigException.class, () -> field.with(SamplingOptions.DEFAULT, beyond));
            assertTrue(fault.getMessage().contains(field.key() + " = " + field.text(beyond) + " must be " + field.rule()),
                fault.getMessage());
        }
    }

    @Test void neutralValuesTruncateNothing() {
        SamplingOptions neutral = SamplingOptions.DEFAULT;
        for (SamplingField field : SamplingField.values()) {
            neutral = field.with(neutral, field.neutral());
        }
        assertEquals(List.of(), Sampler.of(neutral).truncations());
    }

    @ParameterizedTest
    @EnumSource
    void theCommandLineHasEachField(SamplingField field) {
        SamplingOptionsMixin mixin = new SamplingOptionsMixin();
        double some = field.isWhole() ? 3 : 0.25;
        new CommandLine(CommandSpec.create().addMixin("sampling", CommandSpec.forAnnotatedObject(mixin)))
            .parseArgs("--" + field.key().replace('_', '-'), field.text(some));
        assertEquals(some, field.of(mixin.options()));
    }

    @Test void thePlaygroundHasAllInTheSameOrderWithTheirNeutralValues() throws IOException {
        String expected = Arrays.stream(SamplingField.values())
            .map(field -> "{name: '%s', neutral: %.0f,".formatted(field.key(), field.neutral())).collect(Collectors.joining("\n"));
        try (InputStream file = SamplingField.class.getResourceAsStream("/inkling/serve/page/sampling.js")) {
            assertEquals(expected, new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().map(String::strip)
                .filter(line -> line.startsWith("{name:")).map(line -> line.replaceAll("(neutral: [^,]*,).*", "$1"))
                .collect(Collectors.joining("\n")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDocumentationOfTheServerNamesEachField(SamplingField field) throws IOException {
        assertTrue(Files.readString(Path.of("docs/serving.md")).contains("`" + field.key() + "`"), "not in docs/serving.md");
    }
}
