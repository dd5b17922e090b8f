package inkling.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import inkling.reference.OptionMatrix;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Options as they stand in files, and the architecture that follows from them. */
class GptOptionsTest {
    static Stream<GptConfig> configs() {
        return OptionMatrix.all().stream();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void anArchitectureComesBackFromItsOptions(GptConfig config) {
        assertEquals(config, GptOptions.of(config).over(config.vocabSize()));
    }

    @Test
    void whatIsLeftOutFollowsFromTheRest() {
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nHead(6).nEmbd(384).bias(false).activation(Activation.SWIGLU)).over(65);
        assertEquals(new AttentionConfig(6, 6, 64, 64, 0.125, ScaleConfig.UNCAPPED, QkNorm.NONE, false, false), config.attention());
        assertEquals(new MlpConfig(Activation.SWIGLU, 1024, false), config.mlp());
        assertEquals(new NormConfig(Norm.LAYER_NORM, 1e-5, false, NormPlacement.PRE, false), config.norm());
        assertEquals(ScaleConfig.DEFAULT, config.scales());
        assertFalse(GptOptions.DEFAULT.with(o -> o.norm(Norm.RMS_NORM)).over(65).norm().bias(), "rms_norm never has a bias");
    }

    @Test
    void theDefaultsOfThePartsAreThoseOfTheWhole() {
        GptConfig config = GptOptions.DEFAULT.over(1024);
        assertEquals(AttentionConfig.DEFAULT, config.attention());
        assertEquals(MlpConfig.DEFAULT, config.mlp());
        assertEquals(NormConfig.DEFAULT, config.norm());
        assertEquals(ScaleConfig.DEFAULT, config.scales());
    }

    @Test
    void onlyWhatDiffersFromTheUsualIsWritten() {
        GptOptions usual = GptOptions.of(GptOptions.DEFAULT.over(9));
        assertEquals(Optional.empty(), usual.headSize());
        assertEquals(Optional.empty(), usual.qkvBias());
        assertEquals(Optional.empty(), usual.attentionScale());
        GptOptions odd = GptOptions.of(GptOptions.DEFAULT.with(o -> o.headSize(16).attentionScale(0.3).bias(false).qkvBias(true)).over(9));
        assertEquals(List.of(Optional.of(16), Optional.of(0.3), Optional.of(true), Optional.empty(), Optional.empty()),
            List.of(odd.headSize(), odd.attentionScale(), odd.qkvBias(), odd.outBias(), odd.rotaryChannels()));
    }

    @Test
    void brokenRulesOfAllPartsAreToldAtOnce() {
        assertEquals(List.of("n_kv_head", "n_inner", "norm_eps", "logit_scale", "n_layer", "dropout", "n_head"),
            fields(o -> o.nHead(5).nKvHead(2).nInner(0).normEps(-1).logitScale(0).nLayer(0).dropout(1)));
        assertEquals(List.of("score_cap", "logit_cap"), fields(o -> o.scoreCap(0.0).logitCap(-1.0)));
        assertEquals(List.of("n_embd"), fields(o -> o.nEmbd(Integer.MAX_VALUE - 3)), "no further problems that only follow from n_embd");
        assertEquals(List.of("n_head"), fields(o -> o.nHead(-1)).stream().distinct().filter("n_head"::equals).toList());
    }

    @Test
    void headsNeedNotFillTheWidth() {
        assertEquals(List.of("n_head"), fields(o -> o.nHead(3)));
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nHead(3).headSize(50)).over(9);
        assertEquals(450, config.attention().qkvWidth());
        assertEquals(List.of("head_size"), fields(o -> o.headSize(0)).stream().distinct().filter("head_size"::equals).toList());
        assertEquals(List.of("head_size"), fields(o -> o.nHead(1 << 12).headSize(1 << 13)));
    }

    @Test
    void ropeTurnsPairsOfTheFirstChannels() {
        assertEquals(List.of("positions"), fields(o -> o.nHead(1).nEmbd(5).positions(Positions.ROPE)));
        assertEquals(List.of("rotary_channels"), fields(o -> o.rotaryChannels(7).positions(Positions.ROPE)));
        assertEquals(List.of("rotary_channels"), fields(o -> o.rotaryChannels(34)));
        assertTrue(fields(o -> o.rotaryChannels(7)).isEmpty(), "without rotary positions, rotary_channels may be odd");
    }

    @Test
    void rmsNormHasNoBias() {
        assertEquals(List.of("norm_bias"), fields(o -> o.norm(Norm.RMS_NORM).normBias(true)));
    }

    @Test
    void layersThatRepeatAreWrittenOnce() {
        LayerConfig all = LayerConfig.DEFAULT;
        LayerConfig near = new LayerConfig(Optional.of(3), LayerRope.MAIN);
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(5).layers(List.of(near, all, near, all, near))).over(9);
        assertEquals(List.of(near, all), config.layers());
        assertEquals(List.of(near, all, near, all, near), IntStream.range(0, 5).mapToObj(config::layer).toList());
        assertEquals(List.of(near), config.with(c -> c.nLayer(1)).layers());
        List<LayerConfig> odd = List.of(near, all, all, all, all);
        assertEquals(odd, GptOptions.DEFAULT.with(o -> o.nLayer(5).layers(odd)).over(9).layers());
        assertEquals(List.of(near, all, all, all), GptOptions.DEFAULT.with(o -> o.nLayer(4).layers(odd)).over(9).layers());
        assertEquals(List.of("layers"), fields(o -> o.layers(List.of())));
        assertThrows(ConfigException.class, () -> new LayerConfig(Optional.of(0), LayerRope.MAIN));
    }

    @Test
    void blocksDifferInRopeOnlyWhereThereIsRope() {
        List<LayerConfig> without = List.of(LayerConfig.DEFAULT, new LayerConfig(Optional.empty(), LayerRope.NONE));
        assertEquals(List.of("layers"), fields(o -> o.layers(without)));
        assertEquals(List.of(), fields(o -> o.layers(without).positions(Positions.ROPE)));
    }

    @Test
    void longRopeHasAFactorForEachPair() {
        RopeConfig three = new RopeConfig(10, Optional.of(new RopeConfig.LongRopeScaling(List.of(1.0, 2.0, 3.0), 1.2)));
        assertEquals(List.of("rope"), fields(o -> o.positions(Positions.ROPE).rope(three)));
        assertEquals(List.of("local_rope"), fields(o -> o.positions(Positions.ROPE).localRope(three)));
        assertEquals(List.of(), fields(o -> o.positions(Positions.ROPE).rope(three).rotaryChannels(6)));
    }

    @Test
    void oneNormForBothBranchesStandsBeforeThem() {
        assertEquals(List.of("branches"), fields(o -> o.branches(Branches.PARALLEL_ONE_NORM).normPlacement(NormPlacement.POST)));
        assertEquals(List.of(), fields(o -> o.branches(Branches.PARALLEL_ONE_NORM).normPlacement(NormPlacement.SANDWICH)));
    }

    /** The keys whose values are refused. */
    private static List<String> fields(Consumer<GptOptionsBuilder> change) {
        try {
            GptOptions.DEFAULT.with(change).over(9);
            return List.of();
        } catch (ConfigException e) {
            return e.problems().stream().map(ConfigException.Problem::field).toList();
        }
    }

    @Test
    void aPartThatIsBuiltAloneIsCheckedToo() {
        assertThrows(ConfigException.class, () -> AttentionConfig.DEFAULT.withScale(0));
        assertThrows(ConfigException.class, () -> MlpConfig.DEFAULT.withNInner(0));
        assertThrows(ConfigException.class, () -> ScaleConfig.DEFAULT.withResidual(Double.NaN));
    }
}
