/**
 * Words that make a message one about code. A weight says how rarely the word means anything else, so that one telling
 * word is enough at the default threshold of 1 and everyday ones have to meet: a postal code, a school function or a bed
 * bug is no reason to wake the coding model.
 */
export const codingKeywords: Readonly<Record<string, number>> = {
  // Hardly ever said of anything else.
  ...words(
    1,
    `\`\`\`, #include, </div>, console.log, () =>, &&, public static void, select * from, if __name__,
    javascript, typescript, golang, c++, kotlin, haskell, php, sql, html, css, powershell, in python, in javascript,
    python script, python code, python function, python program, java code, java program, rust code, bash script,
    shell script, node.js, nodejs, npm, numpy, pytest, dockerfile, kubectl, graphql, webpack, leetcode, list comprehension,
    source code, codebase, code base, code review, write code, writing code, my code, code snippet, pseudocode,
    refactor, refactoring, regex, regexp, regular expression, unit test, unit tests, linter, debugger,
    stack trace, stacktrace, traceback, segfault, segmentation fault, syntax error, merge conflict, null pointer,
    typeerror, nameerror, valueerror, keyerror, nullpointerexception, race condition, off-by-one, borrow checker,
    git commit, git rebase, git merge, rest api, http request, compiler error, compilation error,
    doesn't compile, does not compile, won't compile, programming language`,
  ),
  // Mostly code, in company.
  ...words(
    0.7,
    `python, bash, django, git, github, docker, kubernetes, postgres, sqlite, compiler, compile, debug, debugging,
    coding, programming, frontend, async, mutex, json, yaml, endpoint, api, boilerplate, pull request, repo, parser,
    stdout, my program, this function, c#`,
  ),
  ...words(
    0.5,
    `function, functions, algorithm, array, variable, variables, recursion, recursive, backend, database, integer,
    command line, programmer, developer, repository`,
  ),
  ...words(0.4, `code, script, bug, bugs, java, rust, react`),
  // Everyday words that say something beside one of the above.
  ...words(
    0.3,
    `error, exception, crashes, loop, import, implement, method, class, string, parse, test, sort, list, file, program,
    terminal, deploy, branch, commit, iterate, binary, thread, query, server, library, iterates, returns`,
  ),
}

function words(weight: number, list: string): Readonly<Record<string, number>> {
  return Object.fromEntries(list.split(/,\s*/).map((word) => [word, weight]))
}
