/** The words of the set-up page. */
export interface SetUpText {
  /** BCP 47. */
  readonly language: string;
  readonly title: (domain: string) => string;
  readonly lead: string;
  readonly otherLanguage: { readonly path: string; readonly language: string; readonly label: string };
  readonly settings: string;
  readonly rows: {
    readonly address: string;
    readonly addressValue: (domain: string) => string;
    readonly userName: string;
    readonly userNameValue: string;
    readonly password: string;
    readonly passwordValue: string;
    readonly incoming: string;
    readonly outgoing: string;
    readonly port: string;
  };
  readonly authority: { readonly title: string; readonly text: string; readonly link: string };
  readonly webmail: { readonly title: string; readonly text: string };
  readonly phone: { readonly title: string; readonly text: string; readonly code: string };
  readonly profile: { readonly label: string; readonly button: string };
  readonly programs: string;
  /** One section per client. */
  readonly clients: readonly ClientText[];
}

export interface ClientText {
  /** The section's id in the page. */
  readonly id: string;
  readonly name: string;
  readonly steps: readonly string[];
  /** Whether the form for Apple's profile belongs here. */
  readonly profile?: boolean;
}

export const english: SetUpText = {
  language: "en",
  title: (domain) => `Mail of ${domain}: set up your program`,
  lead: "Most programs need your name, your address and your password, and find the rest by themselves.",
  otherLanguage: { path: "/pt", language: "pt-BR", label: "Em português" },
  settings: "The settings",
  rows: {
    address: "E-mail address",
    addressValue: (domain) => `you@${domain}`,
    userName: "User name",
    userNameValue: "the whole address",
    password: "Password",
    passwordValue: "the one you were given",
    incoming: "Incoming server",
    outgoing: "Outgoing server",
    port: "port",
  },
  authority: {
    title: "First: trust the servers' authority",
    text: "The servers' certificate comes from an authority of their own. Import that authority's certificate into your system or program and trust it to identify servers; otherwise you get warnings, or no connection.",
    link: "Certificate of the authority",
  },
  webmail: {
    title: "In the browser",
    text: "Read and write mail without setting anything up, change your password, and sort mail by filters:",
  },
  phone: {
    title: "On a phone",
    text: "Point its camera at this code to open this page there.",
    code: "QR code of this page's address",
  },
  profile: { label: "Your address", button: "Get the profile" },
  programs: "Step by step",
  clients: [
    {
      id: "outlook",
      name: "Outlook",
      steps: [
        "File, Add Account. Type your address and choose Connect.",
        "Outlook finds the settings and asks for the password. If it asks for the kind of account, choose IMAP.",
        "The new Outlook and the one for phones ask for the settings in the table above.",
        "MAPI is Exchange's own protocol and is not offered: here Outlook uses IMAP or POP3.",
      ],
    },
    {
      id: "thunderbird",
      name: "Thunderbird",
      steps: [
        "Menu, New Account, Email. Type your name, your address and your password, and choose Continue.",
        "Thunderbird finds the settings. Choose IMAP and finish.",
      ],
    },
    {
      id: "evolution",
      name: "Evolution",
      steps: [
        "File, New, Mail Account. Type your name and your address, and keep the look-up of the settings checked.",
        "Accept the settings found, and type the password when asked.",
      ],
    },
    {
      id: "seamonkey",
      name: "SeaMonkey",
      steps: [
        "Edit, Mail & Newsgroups Account Settings, Add Account. Type your name and your address.",
        "Choose IMAP and type the incoming server and the user name of the table above, then the outgoing server.",
        "Afterwards set ports and SSL/TLS as in the table, under Server Settings and Outgoing Server.",
      ],
    },
    {
      id: "em-client",
      name: "eM Client",
      steps: [
        "Menu, Accounts, Add Account. Type your address and choose Start Now.",
        "Type the password. eM Client finds the settings by itself.",
      ],
    },
    {
      id: "apple-mail",
      name: "Apple Mail",
      profile: true,
      steps: [
        "Type your address below, on the device itself, and open the profile you receive.",
        "iPhone and iPad: Settings, Profile Downloaded, Install. Mac: System Settings, General, Device Management.",
        "Type the password when asked.",
      ],
    },
    {
      id: "gmail",
      name: "Gmail for Android",
      steps: [
        "Settings, Add account, Other. Type your address and choose Personal (IMAP).",
        "Type the password, and the servers and ports of the table above where they differ.",
      ],
    },
    {
      id: "k-9",
      name: "K-9 Mail, Thunderbird for Android",
      steps: ["Add account. Type your address and choose Next: the settings are found. Type the password."],
    },
  ],
};

export const portuguese: SetUpText = {
  language: "pt-BR",
  title: (domain) => `E-mail de ${domain}: configure o seu programa`,
  lead: "A maioria dos programas precisa do seu nome, do seu endereço e da sua senha, e encontra o resto sozinha.",
  otherLanguage: { path: "/en", language: "en", label: "In English" },
  settings: "As configurações",
  rows: {
    address: "Endereço de e-mail",
    addressValue: (domain) => `voce@${domain}`,
    userName: "Nome de usuário",
    userNameValue: "o endereço completo",
    password: "Senha",
    passwordValue: "a que você recebeu",
    incoming: "Servidor de entrada",
    outgoing: "Servidor de saída",
    port: "porta",
  },
  authority: {
    title: "Primeiro: confie na autoridade dos servidores",
    text: "Os servidores usam um certificado emitido por uma autoridade própria. Importe o certificado dessa autoridade no seu sistema ou programa como confiável para identificar servidores; caso contrário, aparecem avisos ou a conexão falha.",
    link: "Certificado da autoridade",
  },
  webmail: {
    title: "No navegador",
    text: "Leia e escreva sem configurar nada, troque sua senha e organize seus e-mails com filtros:",
  },
  phone: {
    title: "No celular",
    text: "Aponte a câmera do celular para este código para abrir esta página nele.",
    code: "Código QR do endereço desta página",
  },
  profile: { label: "Seu endereço", button: "Obter o perfil" },
  programs: "Passo a passo",
  clients: [
    {
      id: "outlook",
      name: "Outlook",
      steps: [
        "Arquivo, Adicionar Conta. Digite o seu endereço e escolha Conectar.",
        "O Outlook encontra as configurações e pede a senha. Se perguntar o tipo da conta, escolha IMAP.",
        "O novo Outlook e o do celular pedem as configurações da tabela acima.",
        "MAPI é o protocolo do Exchange e não é oferecido: aqui o Outlook funciona por IMAP ou POP3.",
      ],
    },
    {
      id: "thunderbird",
      name: "Thunderbird",
      steps: [
        "Menu, Nova conta, E-mail. Digite o seu nome, o seu endereço e a sua senha, e escolha Continuar.",
        "O Thunderbird encontra as configurações. Escolha IMAP e conclua.",
      ],
    },
    {
      id: "evolution",
      name: "Evolution",
      steps: [
        "Arquivo, Novo, Conta de correio. Digite o seu nome e o seu endereço, e deixe marcada a busca das configurações.",
        "Aceite as configurações encontradas e digite a senha quando for pedida.",
      ],
    },
    {
      id: "seamonkey",
      name: "SeaMonkey",
      steps: [
        "Editar, Configurações de contas, Adicionar conta. Digite o seu nome e o seu endereço.",
        "Escolha IMAP e digite o servidor de entrada e o nome de usuário da tabela acima, depois o servidor de saída.",
        "Por fim, ajuste portas e SSL/TLS como na tabela, em Servidor e em Servidor de saída.",
      ],
    },
    {
      id: "em-client",
      name: "eM Client",
      steps: [
        "Menu, Contas, Adicionar conta. Digite o seu endereço e escolha Começar agora.",
        "Digite a senha. O eM Client encontra as configurações sozinho.",
      ],
    },
    {
      id: "apple-mail",
      name: "Apple Mail",
      profile: true,
      steps: [
        "Digite o seu endereço abaixo, no próprio aparelho, e abra o perfil recebido.",
        "iPhone e iPad: Ajustes, Perfil Baixado, Instalar. Mac: Ajustes do Sistema, Geral, Gerenciamento de Dispositivos.",
        "Digite a senha quando for pedida.",
      ],
    },
    {
      id: "gmail",
      name: "Gmail para Android",
      steps: [
        "Configurações, Adicionar conta, Outra. Digite o seu endereço e escolha Pessoal (IMAP).",
        "Digite a senha, e os servidores e portas da tabela acima onde forem diferentes.",
      ],
    },
    {
      id: "k-9",
      name: "K-9 Mail, Thunderbird para Android",
      steps: [
        "Adicionar conta. Digite o seu endereço e escolha Avançar: as configurações são encontradas. Digite a senha.",
      ],
    },
  ],
};
