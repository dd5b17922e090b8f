package inkling;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of ARCHITECTURE.md that a compiler does not know. */
class ArchitectureTest {
    /** A package may use those of lower levels. {@code io} lies below {@code engine}: its exceptions are everybody's. */
    private static final Map<String, Integer> LEVELS = Map.ofEntries(Map.entry("io", -1), Map.entry("engine", 0), Map.entry("config", 0),
        Map.entry("tokenizer", 1),
        Map.entry("model", 1), Map.entry("optim", 2), Map.entry("data", 2), Map.entry("sample", 2), Map.entry("checkpoint", 3),
        Map.entry("train", 4), Map.entry("inspect", 4), Map.entry("run", 5), Map.entry("serve", 6), Map.entry("cli", 7));

    private static JavaClasses classes;

    @BeforeAll static void read() {
        classes = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("inkling");
    }

    /** {@code run} of {@code inkling.config}. */
    private static String packageOf(JavaClass type) {
        return type.getPackageName().split("\\.")[1];
    }

    @Test void packagesUseOnlyThoseOfLowerLevels() {
        Set<String> upward = new TreeSet<>();
        for (JavaClass type : classes) {
            type.getDirectDependenciesFromSelf().stream().map(d -> d.getTargetClass().getBaseComponentType())
                .filter(target -> target.getPackageName().startsWith("inkling."))
                .filter(target -> !packageOf(target).equals(packageOf(type)))
                .filter(target -> LEVELS.get(packageOf(target)) >= LEVELS.get(packageOf(type)))
                .forEach(target -> upward.add(type.getName() + " -> " + target.getName()));
        }
        assertEquals(Set.of(), upward);
    }

    @Test void theEngineIsTouchedInOnePlace() {
        noClasses().that().resideOutsideOfPackage("inkling.engine..").should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..")
            .check(classes);
    }

    @Test void threadsAreCountedInOnePlace() {
        noClasses().that().doNotHaveFullyQualifiedName("inkling.engine.ComputeContext").should()
            .accessTargetWhere(accessTo("the number of threads", "ai.djl.pytorch.jni.JniUtils", Set.of("setNumThreads"))).check(classes);
    }

    @Test void inputAndOutputKnowNothingOfArrays() {
        noClasses().that().resideInAnyPackage("inkling.io..", "inkling.tokenizer..", "inkling.data..").should().dependOnClassesThat()
            .resideInAPackage("ai.djl..").check(classes);
    }

    @Test void yamlIsReadInOnePlace() {
        noClasses().that().resideOutsideOfPackage("inkling.config..").should().dependOnClassesThat().resideInAPackage("org.snakeyaml..")
            .check(classes);
    }

    /** Three exceptions: the engine takes switches as system properties and as variables, and {@code --version} tells Java's and the system's own. */
    @Test void surroundingsAreReadWhereThingsAreWired() {
        DescribedPredicate<JavaAccess<?>> surroundings = accessTo("the environment", "java.lang.System",
            Set.of("getenv", "getProperty", "getProperties", "setProperty"));
        noClasses().that().resideOutsideOfPackage("inkling.run..").and().doNotHaveFullyQualifiedName("inkling.engine.Devices").and()
            .doNotHaveFullyQualifiedName("inkling.engine.ComputeContext").and().doNotHaveFullyQualifiedName("inkling.cli.Version").should().accessTargetWhere(surroundings).check(classes);
    }

    /**
     * What a user keeps is written by {@code inkling.io}. Three exceptions: metrics.csv grows row by row and is cut at each resume,
     * {@code cli.Console} opens the process's own streams, and libtorch writes the profile that {@code engine.Allocations} reads and deletes.
     */
    @Test void filesAreWrittenInOnePlace() {
        DescribedPredicate<JavaAccess<?>> files = accessTo("a file", "java.nio.file.Files", Set.of("write", "writeString", "newOutputStream",
            "newBufferedWriter", "newByteChannel", "copy", "move", "delete", "deleteIfExists", "createFile", "createDirectory",
            "createDirectories", "createTempFile", "createTempDirectory", "createLink", "createSymbolicLink"));
        noClasses().that().resideOutsideOfPackage("inkling.io..").and().doNotHaveFullyQualifiedName("inkling.train.MetricsCsv").and()
            .doNotHaveFullyQualifiedName("inkling.engine.Allocations").should().accessTargetWhere(files).check(classes);
        List<String> writers = List.of("java.io.FileOutputStream", "java.io.FileWriter", "java.io.RandomAccessFile");
        noClasses().that().resideOutsideOfPackage("inkling.io..").and().doNotHaveFullyQualifiedName("inkling.cli.Console").should()
            .dependOnClassesThat(DescribedPredicate.describe("write files", type -> writers.contains(type.getName()))).check(classes);
    }

    /** DJL's own array format and its reader of it: 3,000 flipped bits gave four undeclared exceptions, one of them OutOfMemoryError. */
    @Test void foreignBytesNeverReachTheEnginesReaders() {
        noClasses().should().accessTargetWhere(accessTo("decoders", "ai.djl.ndarray.NDList", Set.of("decode"))).check(classes);
        noClasses().should().accessTargetWhere(accessTo("decoders", "ai.djl.ndarray.NDArray", Set.of("decode", "load"))).check(classes);
        noClasses().should().accessTargetWhere(accessTo("decoders", "ai.djl.ndarray.NDManager", Set.of("decode", "load"))).check(classes);
        noClasses().that().doNotHaveFullyQualifiedName("inkling.engine.Kernels").should().dependOnClassesThat(
            resideInAnyPackage("ai.djl.repository..", "ai.djl.nn..", "ai.djl.training..")
                .or(DescribedPredicate.describe("load models", type -> type.getName().equals("ai.djl.Model")))).check(classes);
    }

    /** Durations come from nanoTime and names from steps, so that a clock that is set, or wrong by years, changes nothing. */
    @Test void theTimeOfDayIsNeverAsked() {
        noClasses().should().accessTargetWhere(accessTo("the clock", "java.lang.System", Set.of("currentTimeMillis")))
            .orShould().dependOnClassesThat(resideInAnyPackage("java.time..").and(DescribedPredicate.not(
                DescribedPredicate.describe("durations", type -> type.getName().equals("java.time.Duration"))))).check(classes);
    }

    /** An array's name is state that all threads share: DJL would take lists and methods from it (docs/decisions/0014). */
    @Test void noArrayIsEverNamed() {
        DescribedPredicate<JavaAccess<?>> naming = DescribedPredicate.describe("name an array",
            access -> access.getTarget().getName().equals("setName") && access.getTargetOwner().isAssignableTo("ai.djl.ndarray.NDArray"));
        noClasses().should().accessTargetWhere(naming).check(classes);
    }

    /**
     * DJL makes an array of a number over a Java buffer that it lets go of at once; autograd may read it again in the backward pass, when
     * the garbage collector has freed it. {@code Kernels.scaled} has no such array.
     */
    @Test void aModelsArraysMeetNumbersInKernels() {
        noClasses().that().resideInAPackage("inkling.model..").should().callMethodWhere(DescribedPredicate.describe(
            "of arithmetic between an array and a number", call -> call.getTarget().getOwner().getName().equals("ai.djl.ndarray.NDArray")
                && call.getTarget().getRawParameterTypes().stream().anyMatch(type -> type.getName().equals("java.lang.Number")))).check(classes);
    }

    /** Each Java has the letters of another Unicode version; text has the same ids on all of them (docs/decisions/0015). */
    @Test void tokenizersAskTheirOwnTableForLetters() {
        Set<String> ofTheJava = Set.of("getType", "isLetter", "isDigit", "isLetterOrDigit", "isAlphabetic", "isDefined", "isIdeographic",
            "isWhitespace", "isSpaceChar", "isUpperCase", "isLowerCase", "isTitleCase", "toUpperCase", "toLowerCase", "toTitleCase",
            "getNumericValue", "digit", "getName", "isUnicodeIdentifierPart", "isUnicodeIdentifierStart");
        noClasses().that().resideInAPackage("inkling.tokenizer..").should().accessTargetWhere(accessTo("Java's letters",
            "java.lang.Character", ofTheJava)).orShould().accessTargetWhere(accessTo("Java's letters", "java.lang.String",
                Set.of("strip", "stripLeading", "stripTrailing", "isBlank", "toUpperCase", "toLowerCase", "equalsIgnoreCase",
                    "compareToIgnoreCase"))).check(classes);
        noClasses().that().resideInAPackage("inkling.tokenizer..").should().callMethod(java.util.regex.Pattern.class, "compile",
            String.class, int.class).check(classes);   // UNICODE_CHARACTER_CLASS, UNICODE_CASE
    }

    /** Java's own serialisation runs what it reads. */
    @Test void nothingIsDeserialised() {
        noClasses().should().dependOnClassesThat(DescribedPredicate.describe("deserialise", type ->
            type.getName().equals("java.io.ObjectInputStream"))).check(classes);
    }

    private static DescribedPredicate<JavaAccess<?>> accessTo(String what, String owner, Set<String> methods) {
        return DescribedPredicate.describe("reach for " + what + ": " + methods.stream().sorted().collect(Collectors.joining(", ")),
            access -> access.getTargetOwner().getName().equals(owner) && methods.contains(access.getTarget().getName()));
    }
}
