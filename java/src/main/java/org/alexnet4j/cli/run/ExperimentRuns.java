package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.ExperimentImages;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.config.StartSpec;
import org.alexnet4j.device.Devices;
import org.alexnet4j.experiment.ExperimentFiles;
import org.alexnet4j.experiment.ExperimentResult;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.train.CheckpointPolicy;
import org.alexnet4j.train.DataFingerprint;
import org.alexnet4j.train.RunListener;
import org.alexnet4j.train.RunOptions;
import org.alexnet4j.train.TrainingRun;

/**
 * The runs of an experiment, some at a time: seed by seed, so that pairs are whole early. The page
 * is written after each. One that diverges is left out; any other failure ends all. Threads: one
 * caller; each run has a thread of its own.
 */
final class ExperimentRuns {
  private final Console console;
  private final StopRequest stop;
  private final ExperimentSpec spec;
  private final String data;
  private final Path folder;
  private final DeviceOptions devices;
  private final int jobs;
  private final Map<String, Map<Long, Path>> ended = new HashMap<>(); // guarded by this
  private final List<Throwable> failures = new ArrayList<>(); // guarded by this
  private final Map<String, CountDownLatch> over = new HashMap<>(); // by run
  private final ExperimentImages images;
  private final BlockingQueue<String> slots;
  private final RunEvaluations evaluations;
  private final ExperimentEnsembles ensembles; // guarded by this
  private volatile boolean halted;

  ExperimentRuns(
      Console console,
      StopRequest stop,
      ExperimentSpec spec,
      String data,
      Path folder,
      DeviceOptions devices,
      int jobs) {
    this.console = console;
    this.stop = stop;
    this.spec = spec;
    this.data = data;
    this.folder = folder;
    this.devices = devices;
    this.jobs = jobs;
    this.slots = new ArrayBlockingQueue<>(jobs);
    this.evaluations = new RunEvaluations(console, stop, spec, devices.loaderThreads(), jobs == 1);
    this.images = new ExperimentImages(spec, data, DataFingerprint::ofNames);
    this.ensembles = new ExperimentEnsembles(console, spec, images::of);
  }

  /** One run of the experiment. */
  private record Job(Variant variant, long seed) {
    String name() {
      return variant.name() + "-" + seed;
    }

    /** Returns the run that it starts from. */
    Optional<String> source() {
      return variant.from().map(name -> name + "-" + seed);
    }
  }

  private List<Job> all() {
    List<Job> all = new ArrayList<>();
    for (long seed : spec.seeds()) {
      spec.variants().stream()
          .filter(variant -> variant.seeds().contains(seed))
          .forEach(variant -> all.add(new Job(variant, seed)));
    }
    return all;
  }

  /**
   * Does what is left of the runs.
   *
   * @return the table of all that have ended
   */
  ExperimentResult run() throws IOException {
    List<Job> all = all();
    ensembles.requireImages(evaluations);
    findEnded(all);
    all.forEach(job -> over.put(job.name(), new CountDownLatch(1)));
    slots.addAll(devices.slots(jobs));
    ExecutorService threads =
        Executors.newFixedThreadPool(jobs, task -> new Thread(task, "experiment"));
    List<Future<?>> running = new ArrayList<>();
    stop.attend();
    try {
      all.forEach(job -> running.add(threads.submit(() -> attempt(job, all.indexOf(job) + 1))));
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.request();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdown();
      stop.leave();
    }
    return write();
  }

  /**
   * Refuses what cannot be while nothing is trained or written yet, and knows the runs that have
   * ended: their rows stay, whatever becomes of the others.
   */
  private void findEnded(List<Job> all) throws IOException {
    Set<String> trained = new HashSet<>();
    for (Job job : all) {
      EarlierRun earlier = earlier(job);
      boolean sourceIsThere = job.source().map(trained::contains).orElse(true);
      if (!earlier.requireSame(images) || !sourceIsThere) {
        continue;
      }
      earlier.requireSource();
      if (earlier.isOver()) {
        trained.add(job.name());
        if (evaluations.isMade(evaluated(job, earlier))) {
          keep(job, earlier.folder());
        }
      }
    }
  }

  private EarlierRun earlier(Job job) throws IOException {
    return new EarlierRun(
        folder.resolve(job.name()), started(job), images.of(job.variant), job.seed);
  }

  private static RunEvaluations.Ended evaluated(Job job, EarlierRun run) {
    return new RunEvaluations.Ended(job.variant, job.seed, run.folder(), run.images());
  }

  /** Throws what a run has failed with; all others were done. */
  synchronized void throwFailure() throws IOException {
    if (failures.isEmpty()) {
      return;
    }
    Throwable first = failures.get(0);
    failures.subList(1, failures.size()).forEach(first::addSuppressed);
    if (first instanceof IOException e) {
      throw e;
    }
    if (first instanceof Error e) {
      throw e;
    }
    throw (RuntimeException) first;
  }

  private void attempt(Job job, int number) {
    try {
      if (!halted && !stop.isRequested() && awaitSource(job)) {
        run(job, number);
      }
    } catch (Throwable e) { // Whatever it is, the command ends with it.
      halted |= !(e instanceof DivergedException); // the other runs would fail as well
      String end = halted ? ", and the experiment with it" : ": " + Failures.line(e);
      console.message(job.name() + " failed" + end);
      synchronized (this) {
        failures.add(e);
      }
    } finally {
      over.get(job.name()).countDown();
    }
  }

  /** Waits for the run that another starts from; returns whether it has ended well. */
  private boolean awaitSource(Job job) throws InterruptedException {
    if (job.source().isEmpty()) {
      return true;
    }
    String source = job.source().get();
    over.get(source).await();
    boolean there = hasEnded(job.variant.from().get(), job.seed);
    if (!there && !stop.isRequested()) {
      console.message(job.name() + " is left out: " + source + " has not ended");
    }
    return there;
  }

  private synchronized boolean hasEnded(String variant, long seed) {
    return ended.getOrDefault(variant, Map.of()).containsKey(seed);
  }

  private void run(Job job, int number) throws Exception {
    String place = "[" + number + "/" + over.size() + "] " + job.name();
    if (hasEnded(job.variant.name(), job.seed)) {
      console.message(place + ": is there");
      return;
    }
    EarlierRun earlier = earlier(job);
    boolean resume = earlier.requireSame(images);
    if (resume) {
      earlier.requireSource(); // which may have been trained only now
    }
    boolean done = resume && earlier.isOver();
    RunEvaluations.Ended there = evaluated(job, earlier);
    if (done && evaluations.isMade(there)) {
      console.message(place + ": is there");
      end(job, earlier.folder());
      return;
    }
    console.message(place + (done ? ": is trained" : resume ? ": goes on" : ": begins"));
    String device = slots.take();
    try {
      int towers = earlier.wanted().network().towers();
      Devices.Choice choice = devices.choose(device, towers, console);
      boolean trained = done || train(earlier, choice, resume);
      if (trained && evaluations.make(there, choice)) {
        end(job, earlier.folder());
        console.message(place + ": has ended");
      }
    } finally {
      slots.put(device);
    }
  }

  /** Trains; returns whether to the end. */
  private boolean train(EarlierRun run, Devices.Choice choice, boolean resume) throws IOException {
    if (resume || !new RunFolder(run.folder()).isResumable()) { // else training is refused
      RunEvaluations.forget(run.folder());
    }
    RunOptions options =
        new RunOptions(
            resume ? run.resumed() : run.wanted(),
            run.images(),
            choice,
            run.seed(),
            run.folder(),
            0,
            resume,
            CheckpointPolicy.DEFAULT,
            ImmutableSet.of(),
            devices.loaderThreads(),
            Optional.empty(),
            ImmutableList.of(),
            true, // what a kill left before the first checkpoint begins again
            OptionalLong.empty(),
            Optional.empty());
    RunListener listener =
        jobs == 1
            ? new ProgressReporter(console, stop, System::nanoTime)
            : new QuietReporter(console, stop, run.folder().getFileName().toString());
    TrainingRun.Outcome outcome;
    try (RunReport report = new RunReport(console, options, listener, jobs == 1)) {
      outcome = TrainingRun.run(options, report);
    }
    console.endLog(); // what follows is not of this run alone
    return !outcome.stopped();
  }

  /** Returns what a variant trains, with the run that it starts from. */
  private Configuration started(Job job) {
    Optional<StartSpec> start =
        job.source()
            .map(run -> new StartSpec(folder.resolve(run).toString(), job.variant.layers()));
    Configuration configuration = job.variant.configuration();
    return start.isPresent() ? configuration.withStart(start) : configuration;
  }

  private synchronized void keep(Job job, Path run) {
    ended.computeIfAbsent(job.variant.name(), name -> new TreeMap<>()).put(job.seed, run);
  }

  private synchronized void end(Job job, Path run) throws IOException {
    keep(job, run);
    write();
  }

  private synchronized ExperimentResult write() throws IOException {
    ExperimentResult result = ExperimentResult.read(spec, data, ended, ensembles.scores(ended));
    Files.createDirectories(folder);
    ExperimentFiles.write(folder, result);
    return result;
  }

  /** Returns a table of the runs with what they will take. */
  String forecast() throws IOException {
    String slot = devices.slots(jobs).get(0);
    return new ExperimentForecast(spec, towers -> devices.choose(slot, towers, console), images::of)
            .table(jobs)
        + evaluations.forecast();
  }
}
