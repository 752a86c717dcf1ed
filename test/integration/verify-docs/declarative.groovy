/*
 * Runs a declarative Jenkinsfile without Jenkins: groovy declarative.groovy JENKINSFILE REQUEST.json
 *
 * The request has `params`, `workspace` and `env`. Each section knows the directives of its place and no others, as the
 * declarative model has them; `sh` really runs, in the workspace, with the parameters and the axes in its environment.
 * Prints one line of JSON: labels, what each cell's steps did, and the results.
 */
import groovy.json.JsonOutput
import groovy.json.JsonSlurper

class Run {
  Map params = [:]
  Map environment = [:]
  File workspace
  /** Parameters as the file declares them, with their defaults: the first of the choices. */
  Map declared = [:]
  List cells = []
  String result = 'SUCCESS'

  static final List ORDER = ['SUCCESS', 'UNSTABLE', 'FAILURE']

  static String worse(String one, String other) {
    ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one
  }
}

class Failed extends Exception {
  Failed(String message) { super(message) }
}

/** A block of the file: only what its class has can be said in it. */
class Section {
  Run run
  Map cell

  void within(Closure body) {
    body.delegate = this
    body.resolveStrategy = Closure.DELEGATE_ONLY
    body()
  }

  def propertyMissing(String name) {
    if (name == 'params') return run.params
    if (name == 'env') return cell == null ? [:] : cell.axes
    if (cell != null && cell.axes.containsKey(name)) return cell.axes[name]
    throw new MissingPropertyException(name, getClass())
  }

  protected void into(Section section, Closure body) {
    section.run = run
    section.cell = cell
    section.within(body)
  }
}

class Pipeline extends Section {
  private Closure stages
  private agent = null
  def getNone() { 'none' }
  void agent(String kind) { agent = kind }
  void triggers(Closure body) { into(new Triggers(), body) }
  void options(Closure body) { into(new Options(), body) }
  void parameters(Closure body) {
    into(new Parameters(), body)
    run.params = run.declared + run.params
  }
  void stages(Closure body) { stages = body }
  void finish() {
    if (agent == null || stages == null) throw new IllegalStateException('a pipeline has an agent and stages')
    into(new Stages(), stages)
  }
}

class Triggers extends Section {
  void cron(String spec) {
    if (spec.split(' ').size() != 5) throw new IllegalArgumentException(spec)
  }
}

class Options extends Section {
  void disableConcurrentBuilds() {}
  def logRotator(Map how) { how }
  void buildDiscarder(Map how) {}
  void timeout(Map how) { assert how.time > 0 && how.unit == 'MINUTES' }
}

class Parameters extends Section {
  private void declare(Map how, value) {
    assert how.name && how.description
    run.declared[how.name] = value
  }
  void choice(Map how) { declare(how, how.choices[0]) }
  void string(Map how) { declare(how, how.defaultValue) }
  void text(Map how) { declare(how, how.defaultValue) }
}

class Stages extends Section {
  void stage(String name, Closure body) {
    def stage = new Stage(name: name)
    into(stage, body)
    stage.finish()
  }
}

class Stage extends Section {
  String name
  private Closure matrix, steps, post
  void matrix(Closure body) { matrix = body }
  void steps(Closure body) { steps = body }
  void post(Closure body) { post = body }
  void finish() {
    if ((matrix == null) == (steps == null)) throw new IllegalStateException("stage ${name}: steps or a matrix")
    if (matrix != null) {
      def inner = new Matrix()
      into(inner, matrix)
      inner.finish()
      return
    }
    if (cell.agent == null) throw new IllegalStateException("stage ${name} has steps and no agent")
    try {
      into(new Steps(), steps)
    } catch (Failed failed) {
      cell.message = failed.message
      cell.result = 'FAILURE'
    }
    if (post != null) into(new Post(), post)
  }
}

class Matrix extends Section {
  private Closure agent, when, stages
  private Map axes = [:]
  void axes(Closure body) { into(new Axes(found: axes), body) }
  void agent(Closure body) { agent = body }
  void when(Closure body) { when = body }
  void stages(Closure body) { stages = body }
  void finish() {
    axes.values().toList().combinations().each { values ->
      def cell = [axes: [axes.keySet().toList(), values].transpose().collectEntries { it }, result: 'SUCCESS', kept: []]
      def look = new When()
      look.run = run
      look.cell = cell
      if (when != null) look.within(when)
      if (!look.holds) return
      def label = new Agent()
      label.run = run
      label.cell = cell
      label.within(agent)
      cell.agent = label.found
      run.cells << cell
      def inner = new Stages()
      inner.run = run
      inner.cell = cell
      inner.within(stages)
      run.result = Run.worse(run.result, cell.result)
    }
  }
}

class Axes extends Section {
  Map found
  void axis(Closure body) {
    def axis = new Axis()
    into(axis, body)
    found[axis.called] = axis.all
  }
}

class Axis extends Section {
  String called
  List all
  void name(String name) { called = name }
  void values(String... values) { all = values.toList() }
}

class When extends Section {
  boolean holds = true
  void beforeAgent(boolean early) { assert early }
  void expression(Closure body) {
    body.delegate = this
    body.resolveStrategy = Closure.DELEGATE_ONLY
    holds = holds && body()
  }
}

class Agent extends Section {
  String found
  void label(Object label) { found = label.toString() }
}

class Steps extends Section {
  void script(Closure body) { into(new Script(), body) }
}

class Script extends Steps {
  def sh(Map how) {
    def file = File.createTempFile('script', '.sh')
    file.text = how.script
    cell.script = how.script
    // As the Durable Task plugin does: each command told, and the first that fails ends it.
    def builder = new ProcessBuilder(['sh', '-xe', file.path]).directory(run.workspace).redirectErrorStream(true)
    builder.environment().clear()
    (run.environment + run.params + cell.axes).each { key, value -> builder.environment()[key] = value.toString() }
    def process = builder.start()
    process.outputStream.close()
    cell.log = process.inputStream.getText('UTF-8')
    def code = process.waitFor()
    file.delete()
    cell.code = code
    if (how.returnStatus) return code
    if (code != 0) throw new Failed("script returned exit code ${code}")
  }
  void unstable(Object message) {
    cell.result = Run.worse(cell.result, 'UNSTABLE')
    cell.message = message.toString()
  }
  void error(Object message) { throw new Failed(message.toString()) }
}

class Post extends Section {
  void always(Closure body) { into(new PostSteps(), body) }
}

class PostSteps extends Section {
  void junit(Map how) {
    def file = new File(run.workspace, how.testResults.toString())
    if (!file.exists()) {
      if (!how.allowEmptyResults) cell.result = 'FAILURE'
      return
    }
    def suites = new XmlSlurper().parse(file)
    def failures = suites.testsuite.collect { it.@failures.toInteger() + it.@errors.toInteger() }.sum()
    cell.junit = [tests: suites.testsuite.collect { it.@tests.toInteger() }.sum(), failures: failures]
    if (failures > 0 && !how.skipMarkingBuildUnstable) cell.result = Run.worse(cell.result, 'UNSTABLE')
  }
  void archiveArtifacts(Map how) {
    def pattern = how.artifacts.toString()
    assert pattern.endsWith('/**')
    def folder = new File(run.workspace, pattern - '/**')
    cell.kept = folder.exists() ? folder.list().toList().sort() : []
    if (cell.kept.empty && !how.allowEmptyArchive) cell.result = 'FAILURE'
  }
}

def request = new JsonSlurper().parse(new File(args[1]))
def run = new Run(params: request.params, environment: request.env, workspace: new File(request.workspace))
def binding = new Binding()
int pipelines = 0
binding.setVariable('pipeline', { Closure body ->
  pipelines++
  def pipeline = new Pipeline(run: run)
  pipeline.within(body)
  pipeline.finish()
})
new GroovyShell(this.class.classLoader, binding).evaluate(new File(args[0]))
assert pipelines == 1
println JsonOutput.toJson([result: run.result, declared: run.declared, cells: run.cells])
