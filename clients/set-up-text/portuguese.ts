import type { SetUpText } from "./set-up-text.ts";

/** As in Brazil. */
export const portuguese: SetUpText = {
  language: "pt-BR",
  languageName: "Português",
  languages: "Idiomas",
  title: "Configure seu e-mail",
  lead: "Na maioria dos programas basta informar nome, endereço e senha; o resto é configurado automaticamente.",
  settings: "As configurações",
  rows: {
    address: "Endereço de e-mail",
    you: "voce",
    userName: "Nome de usuário",
    userNameValue: "o endereço completo",
    password: "Senha",
    passwordValue: "a que você recebeu",
    incoming: "Servidor de entrada",
    outgoing: "Servidor de saída",
    protocol: "Protocolo",
    server: "Servidor",
    port: "Porta",
    security: "Segurança",
  },
  copy: { button: "Copiar", done: "Copiado" },
  authority: {
    title: "Primeiro: instale o certificado da autoridade (CA)",
    text: "Os certificados deste servidor foram emitidos por uma autoridade certificadora própria. Instale o certificado dela e marque-o como confiável para identificar sites e servidores; sem isso aparecem avisos de segurança ou a conexão é recusada.",
    link: "Certificado da autoridade",
    fingerprint: "Antes de confiar nele, compare a impressão digital SHA-256 com a que você recebeu:",
    steps: {
      ios: [
        "Abra o link do certificado acima no próprio aparelho e permita o perfil.",
        "Ajustes, Perfil Baixado, Instalar. Depois Geral, Sobre, Ajustes de Confiança: ative o certificado.",
      ],
      android: [
        "Baixe o certificado acima.",
        "Configurações, Segurança, Criptografia e credenciais, Instalar um certificado, Certificado de CA: escolha o arquivo.",
      ],
      windows: [
        "Abra o certificado baixado. Instalar Certificado, Máquina Local e, como repositório, Autoridades de Certificação Raiz Confiáveis.",
        "Firefox e Thunderbird: Configurações, Privacidade e segurança, Certificados, Ver certificados, Autoridades, Importar.",
      ],
      mac: [
        "Abra o certificado baixado, que passa para o Acesso às Chaves. Abra-o ali: Confiar, Sempre Confiar.",
        "Firefox e Thunderbird: Configurações, Privacidade e segurança, Certificados, Ver certificados, Autoridades, Importar.",
      ],
      linux: [
        "Na própria máquina do servidor, npm run trust -- --apply faz tudo isso.",
        "Debian, Ubuntu: copie-o para /usr/local/share/ca-certificates/ com a extensão .crt e execute update-ca-certificates como root.",
        "Fedora: /etc/pki/ca-trust/source/anchors/, Arch: /etc/ca-certificates/trust-source/anchors/; depois update-ca-trust.",
        "Firefox, Thunderbird e Chromium: Configurações, Privacidade e segurança, Ver certificados, Autoridades, Importar.",
      ],
    },
  },
  names: {
    title: "Se um nome não for encontrado",
    text: (nameServer) =>
      `Só o servidor de nomes ${nameServer} conhece os nomes desta página. Na própria máquina do servidor, com npm run names -- --apply todos os programas passam a encontrá-los; em outro aparelho, configure ${nameServer} como servidor DNS.`,
  },
  webmail: {
    title: "No navegador",
    text: "Leia e escreva e-mails sem configurar nada, troque sua senha e organize suas mensagens com filtros.",
    button: "Abrir o webmail",
  },
  phone: {
    title: "No celular",
    text: "Aponte a câmera do celular para este código e abra esta página nele.",
    code: "Código QR do endereço desta página",
  },
  profile: { label: "Seu endereço", button: "Baixar o perfil" },
  letter: {
    title: "Seu endereço de e-mail",
    firstPassword: "Primeira senha",
    advice: "Troque a senha por uma sua assim que puder e guarde esta folha onde mais ninguém a leia.",
    page: "Como configurar seus programas",
    webmail: "No navegador",
    fingerprint: "Impressão digital da autoridade (SHA-256)",
  },
  programs: "Passo a passo",
  devices: {
    ios: "iPhone e iPad",
    android: "Android",
    windows: "Windows",
    mac: "Mac",
    linux: "Linux",
  },
  steps: {
    outlook: {
      name: "Outlook",
      steps: [
        "Arquivo, Adicionar Conta. Digite seu endereço e clique em Conectar.",
        "O Outlook encontra as configurações e pede a senha. Se perguntar o tipo da conta, escolha IMAP.",
        "O novo Outlook pede as configurações listadas acima.",
        "MAPI é o protocolo do Exchange e não é oferecido: aqui o Outlook funciona por IMAP ou POP3.",
      ],
    },
    "outlook-mobile": {
      name: "Outlook para celular",
      steps: [
        "Adicionar conta. Digite seu endereço, escolha IMAP e informe as configurações listadas acima.",
      ],
    },
    thunderbird: {
      name: "Thunderbird",
      steps: [
        "Menu, Nova conta, E-mail. Digite seu nome, seu endereço e sua senha e clique em Continuar.",
        "O Thunderbird encontra as configurações. Escolha IMAP e conclua.",
      ],
    },
    evolution: {
      name: "Evolution",
      steps: [
        "Arquivo, Novo, Conta de correio. Digite seu nome e seu endereço e deixe marcada a busca das configurações.",
        "Aceite as configurações encontradas e digite a senha quando for pedida.",
      ],
    },
    seamonkey: {
      name: "SeaMonkey",
      steps: [
        "Editar, Configurações de contas, Adicionar conta. Digite seu nome e seu endereço.",
        "Escolha IMAP e digite o servidor de entrada e o nome de usuário listados acima, depois o servidor de saída.",
        "Por fim, ajuste portas e SSL/TLS conforme a lista, em Servidor e em Servidor de saída.",
      ],
    },
    "em-client": {
      name: "eM Client",
      steps: [
        "Menu, Contas, Adicionar conta. Digite seu endereço e clique em Começar agora.",
        "Digite a senha. O eM Client encontra as configurações sozinho.",
      ],
    },
    "apple-mail": {
      name: "Apple Mail",
      steps: [
        "Digite seu endereço abaixo, no próprio aparelho, e abra o perfil recebido.",
        "iPhone e iPad: Ajustes, Perfil Baixado, Instalar. Mac: Ajustes do Sistema, Geral, Gerenciamento de Dispositivos.",
        "Digite a senha quando for pedida.",
      ],
    },
    gmail: {
      name: "Gmail para Android",
      steps: [
        "Configurações, Adicionar conta, Outra. Digite seu endereço e escolha Pessoal (IMAP).",
        "Digite a senha e, onde forem diferentes, os servidores e as portas listados acima.",
      ],
    },
    "k-9": {
      name: "K-9 Mail, Thunderbird para Android",
      steps: [
        "Adicionar conta. Digite seu endereço e toque em Avançar: as configurações são encontradas. Digite a senha.",
      ],
    },
  },
  errors: {
    error: { title: "Não foi possível atender a esta solicitação.", text: "Volte e tente novamente." },
    missing: { title: "Esta página não existe.", text: "Verifique se o endereço está correto." },
    "too-large": {
      title: "O envio é grande demais.",
      text: "Envie arquivos menores ou divida-os em várias mensagens.",
    },
    "too-many": { title: "Muitas tentativas de login.", text: "Aguarde um minuto e tente novamente." },
    "webmail-unavailable": {
      title: "O webmail não está respondendo no momento.",
      text: "Tente novamente em um minuto. Os programas de e-mail não são afetados.",
    },
  },
};
