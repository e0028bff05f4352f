import { portWords, stackOption, stackWords } from "../command-words.ts";
import { loginName, type Scene } from "../scene.ts";
import { numberOf, type StepName } from "../step.ts";
import type { ExerciseText, Missing } from "./exercise-text.ts";

/** As in Brazil. */
export const portuguese: ExerciseText = {
  steps: {
    server: {
      title: "Ligue o servidor",
      task: ({ stack }) => [
        `Execute: npm run up${stackWords(stack)}`,
        "Ele liga os servidores DNS, SMTP, POP3 e IMAP e cria as caixas postais do domínio.",
      ],
    },
    names: {
      title: "Confira os nomes",
      task: ({ names, address, dnsPort, stack }) => [
        `Execute: nslookup ${portWords(dnsPort)}${names.outgoing} ${address}`,
        `Execute: nslookup ${portWords(dnsPort)}${names.incoming} ${address}`,
        `Depois, faça esta máquina encontrar os nomes sozinha: npm run names -- --apply${stackOption(stack)}`,
      ],
    },
    client: {
      title: "Configure um cliente de e-mail",
      task: (scene) => [
        "No Thunderbird, no claws-mail ou no Evolution, adicione uma conta:",
        `  endereço ${scene.student}, nome de usuário ${loginName(scene)}`,
        `  servidor de entrada ${scene.names.incoming}, POP3 com TLS, porta 995`,
        `  servidor de saída ${scene.names.outgoing}, STARTTLS, porta 587`,
        "Depois receba as mensagens, para que o servidor veja o login.",
      ],
    },
    message: {
      title: "Escreva para um colega",
      task: ({ student, colleague }) => [`Com a conta de ${student}, escreva para ${colleague}.`],
    },
    forgery: {
      title: "Escreva em nome de outra pessoa",
      task: ({ student, colleague, partner }) => [
        `Na conta de ${student}, troque o endereço do remetente por ${colleague} e escreva para ${partner ?? student}.`,
        "Leia a resposta do servidor. Depois volte ao endereço correto.",
      ],
    },
    spf: {
      title: "Quebre e encontre: nosso e-mail é recusado",
      task: (scene) => [...breakTask("spf", scene), ...toPartner(scene)],
    },
    mx: {
      title: "Quebre e encontre: ninguém consegue nos escrever",
      task: (scene) => [...breakTask("mx", scene), ...fromPartner(scene)],
    },
    dkim: {
      title: "Quebre e encontre: nossa assinatura não vale",
      task: (scene) => [...breakTask("dkim", scene), ...toPartner(scene)],
    },
    port: {
      title: "Quebre e encontre: a porta errada",
      task: ({ partner, names }) => [
        `No cliente, troque a porta de ${names.outgoing} de 587 para 25, com STARTTLS e sem autenticação,`,
        `e escreva para ${partner ?? "ana@example.org"}.`,
        "Leia a resposta. Volte à porta 587 com autenticação e envie a mensagem de novo.",
      ],
    },
    password: {
      title: "Quebre e encontre: a senha errada",
      task: () => [
        "No cliente, troque a senha do servidor de entrada e receba as mensagens.",
        "Leia a resposta. Digite a senha certa e receba as mensagens de novo.",
      ],
    },
    certificate: {
      title: "Quebre e encontre: o certificado",
      task: () => [
        "No cliente, deixe de confiar na autoridade certificadora dos servidores e receba as mensagens.",
        "Leia o aviso e não aceite o certificado. Volte a confiar na autoridade e receba as mensagens.",
      ],
    },
  },
  missing: describeMissing,
  passed: "concluído",
  open: "ainda não",
  checkWith: (command) => `Depois confira: ${command}`,
  broken: (_step, command) => `Agora algo está quebrado. Quando tiver encontrado e consertado: ${command}`,
  nextStep: (command) => `Próximo: ${command}`,
  allPassed: "Todos os passos estão concluídos.",
  list: { heading: "Passo", minutes: "min", next: "Mostre um passo: npm run exercise -- NÚMERO" },
  sheet: {
    title: "Exercício de e-mail",
    student: "Aluno",
    step: "Passo",
    result: "Resultado",
    passedAt: "Concluído em (UTC)",
    tries: "Conferências",
    mark: (passed, all) => `${passed} de ${all} passos`,
  },
};

function breakTask(step: StepName, { stack, domain, address, dnsPort }: Scene) {
  return [
    `Execute: npm run exercise -- ${numberOf(step)} --break${stackOption(stack)}`,
    `Observe com: nslookup ${portWords(dnsPort)}-type=txt ${domain} ${address}, o mesmo com -type=mx e npm run verify${stackWords(stack)}`,
    "Diga qual é o registro com --found spf, --found mx ou --found dkim e conserte-o: veja a aula.",
  ];
}

function toPartner({ student, partner }: Scene): string[] {
  return partner === undefined ? [] : [`Escreva de ${student} para ${partner} e veja o que acontece.`];
}

function fromPartner({ student, partner }: Scene): string[] {
  return partner === undefined ? [] : [`Escreva de ${partner} para ${student} e veja o que acontece.`];
}

function describeMissing(missing: Missing, scene: Scene): string {
  switch (missing.kind) {
    case "not-provisioned":
      return `A stack ${scene.stack} ainda não está no ar: npm run up${stackWords(scene.stack)}`;
    case "server-problem":
      return missing.problem;
    case "name-unknown":
      return `Esta máquina não encontra ${missing.name}.`;
    case "name-elsewhere":
      return `${missing.name} leva a ${missing.found}, e não a ${scene.address}.`;
    case "no-login":
      return `O servidor ainda não viu um login de ${scene.student} por POP3 ou IMAP desde o início do passo.`;
    case "no-message":
      return `O servidor ainda não entregou uma mensagem de ${scene.student} para ${scene.colleague} desde o início do passo.`;
    case "no-forgery":
      return `O servidor ainda não recusou uma mensagem de ${scene.student} em nome de outra pessoa desde o início do passo.`;
    case "not-broken":
      return "Nada foi quebrado ainda: use --break.";
    case "not-found":
      return missing.answer === undefined
        ? "Diga qual registro estava errado: --found spf, mx ou dkim."
        : `Não é ${missing.answer}. Olhe de novo.`;
    case "not-repaired":
      return `Ainda está quebrado: ${missing.problem}`;
    case "no-mail-at-25":
      return `O servidor ainda não viu o cliente de ${scene.student} na porta 25 desde o início do passo.`;
    case "no-message-after":
      return "Depois disso, nenhuma mensagem sua foi enviada pela porta 587.";
    case "no-wrong-password":
      return `O servidor ainda não viu uma senha errada de ${scene.student} desde o início do passo.`;
    case "no-distrust":
      return "Nenhum cliente recusou o certificado do servidor desde o início do passo.";
    case "no-login-after":
      return `Depois disso, ${scene.student} não fez login.`;
  }
}
